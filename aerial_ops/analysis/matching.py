"""Finding the same place in two counties, whatever their tiles are called."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.county import County
from aerial_ops.analysis.geodesy import metres_per_degree
from aerial_ops.analysis.scores import Floats
from aerial_ops.errors import DataError

Places = npt.NDArray[np.int64]
SIZES_ALIKE = 1.25
WITHIN = 0.5
"""Share of a cell by which the centres of two tiles of the same place may differ."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Pairs of tiles of the same place: `before` and `after` are their places in the two counties, [PAIRS].

    `apart` is the median distance of their centres in metres.
    """

    before: Places
    after: Places
    apart: float


def match_places(before: County, after: County) -> Matches:
    """Pair each tile of `after` with the nearest tile of `before`, if that is within half a cell; no tile is in two pairs.

    Raises DataError when one of them has no tiles, or when their tiles are not of one size.
    """
    if not len(before) or not len(after):
        raise DataError("One of the two maps has no tile with a place, so there is nothing to compare.")
    sizes = [(county.grid.cell_width, county.grid.cell_height) for county in (before, after)]
    if any(max(pair) > SIZES_ALIKE * min(pair) for pair in zip(*sizes, strict=True)):
        told = " and ".join(f"{width:.0f} x {height:.0f} m" for width, height in sizes)
        raise DataError(
            f"The tiles of the two maps measure {told}, so they cannot be compared tile by tile.",
            suggestion="Cut both years with the same tile size: aerial-ops data build --help",
        )
    reach = WITHIN * min(min(pair) for pair in sizes)
    points = _metres(before, after)
    found, distance = _nearest(*points, reach)
    ahead = np.flatnonzero(found >= 0)
    # Of several tiles that want the same partner the nearest has it.
    ahead = ahead[np.lexsort((distance[ahead], found[ahead]))]
    ahead = ahead[np.unique(found[ahead], return_index=True)[1]]
    ahead.sort()
    return Matches(found[ahead], ahead, float(np.median(distance[ahead])) if len(ahead) else 0.0)


def _metres(before: County, after: County) -> tuple[Floats, Floats]:
    """Centres of both in metres from a common middle, [TILES, 2] each."""
    centres = [county.places.centres for county in (before, after)]
    middle = np.median(centres[1][0], keepdims=True), np.median(centres[1][1])
    up, across = metres_per_degree(middle[0])
    first, second = (
        np.stack([((longitude - middle[1] + 180) % 360 - 180) * across, (latitude - middle[0]) * up], axis=1)
        for latitude, longitude in centres
    )
    return first, second


def _nearest(points: Floats, wanted: Floats, reach: float) -> tuple[Places, Floats]:
    """For each of `wanted` [N, 2] the nearest of `points` [M, 2] within `reach`: its place (-1 for none) and distance."""
    size = 2 * reach
    low = np.minimum(points.min(axis=0), wanted.min(axis=0)) - size
    cells, asked = (np.floor((at - low) / size).astype(np.int64) for at in (points, wanted))
    width = int(max(cells[:, 0].max(), asked[:, 0].max())) + 2
    keys = cells[:, 1] * width + cells[:, 0]
    order = np.argsort(keys, kind="stable")
    known, start, count = np.unique(keys[order], return_index=True, return_counts=True)
    best, distance = np.full(len(wanted), -1, dtype=np.int64), np.full(len(wanted), np.inf)
    for step in (row * width + col for row in (-1, 0, 1) for col in (-1, 0, 1)):
        beside = asked[:, 1] * width + asked[:, 0] + step
        at = np.minimum(np.searchsorted(known, beside), len(known) - 1)
        for nth in range(int(count.max())):
            there = np.flatnonzero((known[at] == beside) & (count[at] > nth))
            candidate = order[start[at[there]] + nth]
            apart = np.hypot(*(points[candidate] - wanted[there]).T)
            nearer = (apart < distance[there]) & (apart < reach)
            best[there[nearer]], distance[there[nearer]] = candidate[nearer], apart[nearer]
    return best, distance
