"""A map's data as the page's script reads it: one or a few bytes a tile, in base64, instead of an element a tile.

A map is a set of tiles, arrays of a byte a tile, and views. A view looks a tile's byte up in a table that leads to an entry
of its legend (a name and a colour). So the script knows nothing of classes, groups, probabilities or change.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.county import County
from aerial_ops.analysis.metrics import GROUPS, group_of
from aerial_ops.analysis.palette import class_colours, group_colours

MOST_CELLS = 16_000_000
MOST_CLASSES = 250
NONE = 255
"""A byte that stands for nothing: a tile without a value, a value without an entry."""

SURE_FROM = (90, 80, 70, 60, 50, 0)
SURE_COLOURS = ("#fde725", "#7ad151", "#22a884", "#2a788e", "#414487", "#440154")
"""Viridis: even in lightness and readable without telling red from green."""

LINK = "https://www.openstreetmap.org/?mlat=LAT&mlon=LON#map=16/LAT/LON"
"""Where a tile can be looked at; opened only when the reader follows the link."""

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a legend: its name, its colour, and the colour for readers who cannot tell red from green."""

    name: str
    standard: str
    safe: str


@dataclass(frozen=True, slots=True)
class View:
    """A way to colour the tiles. `arrays` names the array to read in each layer; `lookup` leads from a byte to an entry.

    `told` views are named, with the tile's entry, where a tile is described.
    """

    id: str
    title: str
    arrays: Mapping[str, str]
    entries: Sequence[Entry]
    lookup: Sequence[int]
    told: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A class that is named where a tile is described: its array, a title, the array with its percentage.

    A `quiet` one is left out where it agrees with the first.
    """

    array: str
    title: str = ""
    sure: str = ""
    quiet: bool = False


def drawable(county: County) -> bool:
    """Whether the county fits on a map: its tiles are not strewn over too wide an area."""
    rows, cols = county.grid.shape
    return rows * cols <= MOST_CELLS and max(rows, cols) <= np.iinfo(np.uint16).max and len(county.classes) <= MOST_CLASSES


def map_data(
    county: County, classes: Sequence[str], arrays: Mapping[str, npt.NDArray[Any]], views: Sequence[View], told: Sequence[Told]
) -> dict[str, Any]:
    """JSON-ready. Arrays are little-endian, [TILES]: `row`, `col` uint16; `lat`, `lon` float32 (centres in degrees); `arrays`
    uint8, in which labels are indices of `classes`. `names` are lines of one string.
    """
    places, grid = county.places, county.grid
    rows, cols = grid.shape
    return {
        "rows": rows,
        "cols": cols,
        "metres": [round(grid.cell_width, 3), round(grid.cell_height, 3)],
        "link": LINK,
        "labels": [name if name in GROUPS else f"{name} ({group_of(name)})" for name in classes],
        "classes": [{"array": one.array, "title": one.title, "sure": one.sure, "quiet": one.quiet} for one in told],
        "views": [_view(view) for view in views],
        "row": _packed(grid.rows, "<u2"),
        "col": _packed(grid.cols, "<u2"),
        "lat": _packed((places.south + places.north) / 2, "<f4"),
        "lon": _packed((places.west + places.east) / 2, "<f4"),
        "arrays": {name: _packed(values, "u1") for name, values in arrays.items()},
        "names": "\n".join(" ".join(name.split()) for name in places.names),
    }


def land_views(classes: Sequence[str], arrays: Mapping[str, str]) -> list[View]:
    """The three groups and all classes; the arrays hold indices of `classes`."""
    standard, safe = group_colours(), group_colours("colour-blind")
    groups = [Entry(name, standard[name], safe[name]) for name in GROUPS]
    standard, safe = class_colours(classes), class_colours(classes, "colour-blind")
    every = [Entry(name, standard[name], safe[name]) for name in classes]
    return [
        View("groups", "Three groups", arrays, groups, [GROUPS.index(group_of(name)) for name in classes]),
        View("classes", "All classes", arrays, every, range(len(classes))),
    ]


def sure_view(arrays: Mapping[str, str]) -> View:
    """How sure the model is, in steps of ten percent; the arrays hold percentages."""
    names = [f"{low} to {high} %" for high, low in pairwise(SURE_FROM)]
    names = [f"{SURE_FROM[0]} % or more", *names[:-1], f"less than {SURE_FROM[-2]} %"]
    entries = [Entry(name, colour, colour) for name, colour in zip(names, SURE_COLOURS, strict=True)]
    lookup = [next(i for i, low in enumerate(SURE_FROM) if percentage >= low) for percentage in range(101)]
    return View("sure", "Certainty", arrays, entries, lookup)


def percentages(shares: npt.NDArray[np.float64]) -> Bytes:
    """Shares between 0 and 1 as whole percentages; NONE where a share is nan."""
    return np.where(np.isnan(shares), NONE, np.clip(np.rint(shares * 100), 0, 100)).astype(np.uint8)


def _view(view: View) -> dict[str, Any]:
    return {
        "id": view.id,
        "title": view.title,
        "arrays": dict(view.arrays),
        "lookup": list(view.lookup),
        "told": view.told,
        "entries": [{"name": one.name, "standard": one.standard, "safe": one.safe} for one in view.entries],
    }


def _packed(values: npt.NDArray[Any], kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(values).astype(kind).tobytes()).decode()
