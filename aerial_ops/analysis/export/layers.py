"""What there is to say of each tile of a map, and of each place that changed: the columns of every export."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.areas import SQUARE_METRES_PER_HECTARE, estimate_areas
from aerial_ops.analysis.clusters import Cluster
from aerial_ops.analysis.county import County
from aerial_ops.analysis.development import Development
from aerial_ops.analysis.metrics import Metrics, group_of
from aerial_ops.analysis.shares import estimate_areas_by_class

Column = list[Any]
DEGREES, HECTARES, SHARES = 7, 4, 4
"""Decimals: a centimetre, a square metre, a hundredth of a percent."""


@dataclass(frozen=True, slots=True)
class MapLayers:
    """A map and what is known of its tiles; arrays are [TILES] of the county.

    `certainty` is the probability of each tile's class, nan where unknown. `older` are older labels by tile name, and
    `development` what follows from them; both None without any. `source` says in short words where the map comes from.
    `metrics` are the model's on its test set, None where there is none.
    """

    name: str
    county: County
    certainty: npt.NDArray[np.float64] | None
    older: dict[str, str] | None
    development: Development | None
    source: dict[str, str]
    metrics: Metrics | None = None


def tile_columns(layers: MapLayers) -> dict[str, Column]:
    """A value a tile in each column; None where there is none. Columns of what is not known at all are left out."""
    county = layers.county
    names = county.classes
    latitude, longitude = county.places.centres
    columns: dict[str, Column] = {
        "filename": county.places.names,
        "class": [names[i] for i in county.raw],
        "group": [group_of(names[i]) for i in county.raw],
        "smoothed": [names[i] for i in county.smoothed],
    }
    if layers.certainty is not None:
        columns["confidence"] = rounded(layers.certainty, SHARES)
    if layers.older is not None:
        columns["older_label"] = [layers.older.get(name) for name in county.places.names]
    if layers.development is not None:
        columns["newly_developed"] = layers.development.tiles.astype(int).tolist()
    return columns | {
        "hectares": rounded(county.area / SQUARE_METRES_PER_HECTARE, HECTARES),
        "row": county.grid.rows.tolist(),
        "column": county.grid.cols.tolist(),
        "latitude": rounded(latitude, DEGREES),
        "longitude": rounded((longitude + 180) % 360 - 180, DEGREES),
    }


def land_columns(layers: MapLayers) -> dict[str, Column]:
    """A line a class: hectares as mapped and smoothed, and corrected by map class and by true class, with 95 % intervals.

    What is corrected is left out without a test set; see `areas` and `shares`.
    """
    county, metrics = layers.county, layers.metrics
    mapped, smoothed = county.square_metres(county.raw), county.square_metres(county.smoothed)
    if metrics is None or not metrics.total:
        both = {"mapped": mapped, "smoothed": smoothed}
        return {"class": list(mapped), **{name: [_hectares(land[key]) for key in mapped] for name, land in both.items()}}
    by_map = estimate_areas(metrics.classes, metrics.confusion, mapped)
    by_true = estimate_areas_by_class(metrics.classes, metrics.confusion, mapped)
    names = [row.name for row in by_map.rows]
    columns: dict[str, Column] = {
        "class": names,
        "mapped": [round(row.mapped, HECTARES) for row in by_map.rows],
        "smoothed": [_hectares(smoothed.get(name, 0.0)) for name in names],
    }
    for kind, found in (("by_map_class", by_map), ("by_true_class", by_true)):
        for part, field in (("", "estimate"), ("_low", "low"), ("_high", "high")):
            columns[kind + part] = [round(getattr(row, field), HECTARES) for row in found.rows]
    return columns | {
        "users_accuracy": [_share(row.users.value) for row in by_map.rows],
        "producers_accuracy": [_share(row.producers.value) for row in by_map.rows],
        "test_tiles": [next((one.support for one in metrics.per_class if one.name == name), 0) for name in names],
    }


def _hectares(square_metres: float) -> float:
    return round(square_metres / SQUARE_METRES_PER_HECTARE, HECTARES)


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, SHARES)


def place_columns(places: Sequence[Cluster]) -> dict[str, Column]:
    """A value a place in each column, in the order of their rank."""
    return {
        "rank": [place.rank for place in places],
        "confidence": [None if place.confidence is None else round(place.confidence, SHARES) for place in places],
        "tiles": [len(place.tiles) for place in places],
        "hectares": [round(place.hectares, HECTARES) for place in places],
        "before": [_counted(place.before) for place in places],
        "after": [_counted(place.after) for place in places],
        "latitude": [round(place.latitude, DEGREES) for place in places],
        "longitude": [round(place.longitude, DEGREES) for place in places],
        "map": [place.link for place in places],
    }


def _counted(tiles: Mapping[str, int]) -> str:
    """ "Forest" when all tiles are, else "Forest 3; Shrub 1"."""
    return next(iter(tiles)) if len(tiles) == 1 else "; ".join(f"{name} {count}" for name, count in tiles.items())


def rounded(values: npt.NDArray[np.float64], digits: int) -> Column:
    """As numbers, None for nan."""
    given = np.round(values, digits).tolist()
    return given if not np.isnan(values).any() else [None if value != value else value for value in given]  # noqa: PLR0124
