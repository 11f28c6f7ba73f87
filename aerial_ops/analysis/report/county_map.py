"""The map's data as the page's script reads it: one or a few bytes a tile, in base64, instead of an element a tile."""

import base64
from typing import Any

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.county import County
from aerial_ops.analysis.metrics import GROUPS, group_of
from aerial_ops.analysis.palette import class_colours, group_colours

MOST_CELLS = 16_000_000
MOST_CLASSES = 250


def drawable(county: County) -> bool:
    """Whether the county fits on a map: its tiles are not strewn over too wide an area."""
    rows, cols = county.grid.shape
    return rows * cols <= MOST_CELLS and max(rows, cols) <= np.iinfo(np.uint16).max and len(county.classes) <= MOST_CLASSES


def map_data(county: County, certainty: npt.NDArray[np.float64] | None) -> dict[str, Any]:
    """JSON-ready. Arrays are little-endian, [TILES]: `row`, `col` uint16; `raw`, `smoothed` uint8 (indices of `classes`);
    `lat`, `lon` float32 (centres in degrees); `sure` uint8 (percent) or None. `names` are lines of one string.
    """
    places, grid = county.places, county.grid
    rows, cols = grid.shape
    standard, safe = class_colours(county.classes), class_colours(county.classes, "colour-blind")
    groups = [{"name": g, "standard": group_colours()[g], "safe": group_colours("colour-blind")[g]} for g in GROUPS]
    classes = [{"name": c, "group": GROUPS.index(group_of(c)), "standard": standard[c], "safe": safe[c]} for c in county.classes]
    return {
        "rows": rows,
        "cols": cols,
        "metres": [round(grid.cell_width, 3), round(grid.cell_height, 3)],
        "classes": classes,
        "groups": groups,
        "row": _packed(grid.rows, "<u2"),
        "col": _packed(grid.cols, "<u2"),
        "raw": _packed(county.raw, "u1"),
        "smoothed": _packed(county.smoothed, "u1"),
        "lat": _packed((places.south + places.north) / 2, "<f4"),
        "lon": _packed((places.west + places.east) / 2, "<f4"),
        "sure": None if certainty is None else _packed(np.clip(np.rint(certainty * 100), 0, 100), "u1"),
        "names": "\n".join(" ".join(name.split()) for name in places.names),
    }


def _packed(values: npt.NDArray[Any], kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(values).astype(kind).tobytes()).decode()
