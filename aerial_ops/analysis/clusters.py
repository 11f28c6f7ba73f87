"""Tiles that hang together on the map, as places that one can look up."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.areas import SQUARE_METRES_PER_HECTARE
from aerial_ops.analysis.county import County
from aerial_ops.analysis.neighbours import connected
from aerial_ops.analysis.scores import Floats, ratio

Places = npt.NDArray[np.int64]
ZOOM = 16


@dataclass(frozen=True, slots=True)
class Cluster:
    """Tiles that touch, also at a corner. `tiles` are places in the county, the surest first.

    `latitude` and `longitude` are the centre in degrees (WGS 84). `confidence` is the mean probability, weighted by area;
    None where none is known. `before` and `after` count tiles by class. `link` shows the centre on a map.
    """

    rank: int
    tiles: Places
    hectares: float
    latitude: float
    longitude: float
    confidence: float | None
    before: dict[str, int]
    after: dict[str, int]
    link: str


def map_link(latitude: float, longitude: float, zoom: int = ZOOM) -> str:
    """The address of a place, with a marker, on OpenStreetMap."""
    at = f"{latitude:.5f}", f"{longitude:.5f}"
    return f"https://www.openstreetmap.org/?mlat={at[0]}&mlon={at[1]}#map={zoom}/{at[0]}/{at[1]}"


def clusters_of(
    county: County,
    tiles: Places,
    before: Sequence[str],
    after: Sequence[str],
    probability: Floats | None = None,
    *,
    alike: bool = False,
) -> tuple[Cluster, ...]:
    """Clusters of the given `tiles` of the county, the most probable first, then the largest.

    `before`, `after` and `probability` (nan where it is not known) go with `tiles`. With `alike` only tiles with the same
    classes before and after are put together.
    """
    if not len(tiles):
        return ()
    was, before_index = _indexed(before)
    now, after_index = _indexed(after)
    rows, cols = county.grid.rows[tiles].astype(np.int64), county.grid.cols[tiles]
    if alike:
        rows += (before_index * len(now) + after_index) * (int(rows.max()) + 2)
    piece = connected(rows, cols)
    count = int(piece.max()) + 1
    area = county.area[tiles]
    sums = np.bincount(piece, weights=area, minlength=count)
    latitude, longitude = (np.bincount(piece, weights=area * at[tiles]) / sums for at in county.places.centres)
    sure = np.full(len(tiles), np.nan) if probability is None else probability
    confidence = _mean(piece, area, sure, count)
    befores, afters = _counts(piece, before_index, count, len(was)), _counts(piece, after_index, count, len(now))
    inside = np.lexsort((tiles, -np.nan_to_num(sure, nan=-1.0), piece))
    members = np.split(tiles[inside], np.cumsum(np.bincount(piece))[:-1])
    order = np.lexsort((np.arange(count), -sums, -np.nan_to_num(confidence, nan=-1.0)))
    longitude = (longitude + 180) % 360 - 180
    return tuple(
        Cluster(
            rank=rank,
            tiles=members[i],
            hectares=float(sums[i]) / SQUARE_METRES_PER_HECTARE,
            latitude=float(latitude[i]),
            longitude=float(longitude[i]),
            confidence=None if np.isnan(confidence[i]) else float(confidence[i]),
            before=_named(was, befores[i]),
            after=_named(now, afters[i]),
            link=map_link(float(latitude[i]), float(longitude[i])),
        )
        for rank, i in enumerate(order, start=1)
    )


def _indexed(names: Sequence[str]) -> tuple[list[str], Places]:
    known = {name: i for i, name in enumerate(dict.fromkeys(names))}
    return list(known), np.fromiter((known[name] for name in names), dtype=np.int64, count=len(names))


def _mean(piece: Places, area: Floats, values: Floats, count: int) -> Floats:
    known = ~np.isnan(values)
    weight = np.bincount(piece[known], weights=area[known], minlength=count)
    sums = np.bincount(piece[known], weights=(area * values)[known], minlength=count)
    return np.where(weight > 0, ratio(sums, weight), np.nan)


def _counts(piece: Places, index: Places, count: int, kinds: int) -> Places:
    counts: Places = np.bincount(piece * kinds + index, minlength=count * kinds).reshape(count, kinds)
    return counts


def _named(names: list[str], counts: Places) -> dict[str, int]:
    """Counts by name, the most frequent first."""
    return {names[i]: int(counts[i]) for i in np.argsort(-counts, kind="stable") if counts[i]}
