"""A classified county: tiles with a place and a predicted class, raw and smoothed, and how much land each class covers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.geodesy import areas, metres_per_degree
from aerial_ops.analysis.grid import Grid, infer_grid
from aerial_ops.analysis.joining import positions
from aerial_ops.analysis.smoothing import UNKNOWN, smooth
from aerial_ops.analysis.tables import Places, Predictions

OVERLAPPING = 0.98


@dataclass(frozen=True, slots=True)
class County:
    """Tiles that have both a place and a prediction, in the order of tile_summaries.csv; arrays are [TILES].

    `raw` and `smoothed` index into `classes`. `area` is each tile's land in square metres. `places` are its corners in
    degrees. `unscored` counts tiles with a place but no prediction, `unplaced` predictions without a place, `unusable` rows
    of the places that could not be used. `grid` holds the rows and columns.
    """

    places: Places
    classes: tuple[str, ...]
    raw: npt.NDArray[np.int16]
    smoothed: npt.NDArray[np.int16]
    area: npt.NDArray[np.float64]
    grid: Grid
    unscored: int
    unplaced: int
    unusable: int

    def __len__(self) -> int:
        return len(self.raw)

    def indices(self, labels: Mapping[str, str]) -> npt.NDArray[np.int16]:
        """Labels by tile name as indices into `classes`, [TILES]; UNKNOWN where there is none or it is not a class here."""
        index = {name: i for i, name in enumerate(self.classes)}
        known = np.array([*(index.get(label, UNKNOWN) for label in labels.values()), UNKNOWN], dtype=np.int16)
        return known[positions(self.places.names, list(labels))]

    def square_metres(self, labels: npt.NDArray[np.int16]) -> dict[str, float]:
        """Land by class under `labels` (`raw` or `smoothed`)."""
        sums = np.bincount(labels, weights=self.area, minlength=len(self.classes))
        return {name: float(sums[i]) for i, name in enumerate(self.classes)}

    def tiles(self, labels: npt.NDArray[np.int16]) -> dict[str, int]:
        """Tiles by class under `labels`."""
        sums = np.bincount(labels, minlength=len(self.classes))
        return {name: int(sums[i]) for i, name in enumerate(self.classes)}


def county_of(places: Places, predictions: Predictions, classes: Sequence[str] = ()) -> County:
    """Join places and predictions. Predicted labels that are not among `classes` are added after them, sorted.

    A tile is found by its blob name, or by its file name where the places hold no folders. The grid is that of all places,
    so that a sampled scoring keeps its gaps. A county without any joined tile has length 0.
    """
    names = (*classes, *sorted(set(predictions.predicted) - set(classes)))
    index = {name: i for i, name in enumerate(names)}
    # What is absent has position -1, and that is where UNKNOWN stands.
    predicted = np.array([*(index[label] for label in predictions.predicted), UNKNOWN], dtype=np.int16)
    labels = predicted[positions(places.names, predictions.paths)]
    placed = np.flatnonzero(labels != UNKNOWN)
    grid, area = _laid_out(places)
    smoothed = smooth(grid.rows, grid.cols, labels, len(names))
    return County(
        places=_taken(places, placed),
        classes=names,
        raw=labels[placed],
        smoothed=smoothed[placed],
        area=area[placed],
        grid=_cut(grid, placed),
        unscored=len(labels) - len(placed),
        unplaced=len(set(predictions.paths)) - len(placed),
        unusable=places.unusable,
    )


def _laid_out(places: Places) -> tuple[Grid, npt.NDArray[np.float64]]:
    if not places.names:
        nothing = np.zeros(0, dtype=np.int32)
        return Grid(nothing, nothing, 0.0, 0.0, 0.0, regular=True, shared=0), np.zeros(0)
    west = np.where(places.west - places.west.min() > 180, places.west - 360, places.west)
    east = west + (places.east - places.west)
    latitude, longitude = (places.south + places.north) / 2, (west + east) / 2
    up, across = metres_per_degree(latitude)
    middle = np.median(latitude, keepdims=True)
    up_here, across_here = metres_per_degree(middle)
    width, height = np.median((east - west) * across), np.median((places.north - places.south) * up)
    x = (longitude - np.median(longitude)) * across_here
    grid = infer_grid(x, (latitude - middle) * up_here, float(width), float(height))
    area = areas(places.south, places.west, places.north, places.east)
    cell = grid.cell_width * grid.cell_height
    return grid, np.minimum(area, cell) if grid.regular and cell < OVERLAPPING * np.median(area) else area


def _taken(places: Places, chosen: npt.NDArray[np.intp]) -> Places:
    names = [places.names[i] for i in chosen]
    south, west, north, east = (side[chosen] for side in (places.south, places.west, places.north, places.east))
    return Places(names, south, west, north, east, unusable=places.unusable)


def _cut(grid: Grid, chosen: npt.NDArray[np.intp]) -> Grid:
    """The grid of the `chosen` tiles, without the rows and columns at its edges that hold none of them."""
    rows, cols = grid.rows[chosen], grid.cols[chosen]
    if len(chosen):
        rows, cols = rows - rows.min(), cols - cols.min()
    return Grid(rows, cols, grid.cell_width, grid.cell_height, grid.turned, grid.regular, grid.shared)
