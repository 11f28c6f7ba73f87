"""Labels: the class of each tile of the grid, from a raster of land-cover codes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from aerial_ops.datasets.classes import NONE, ClassMap
from aerial_ops.datasets.files import LocalFile
from aerial_ops.datasets.grid import Grid
from aerial_ops.datasets.projection import bounds_in, transform
from aerial_ops.datasets.raster import Raster, describe, rasterio_module, with_opened
from aerial_ops.datasets.scenes import Scene
from aerial_ops.errors import DataError

Rule = Literal["points", "majority"]
Ints = npt.NDArray[np.int64]

POINTS = 3
"""The rule `points`: so many points a side, in the middle of each third of the tile, must all fall in one class."""
MOST_ACROSS = 45
"""At most so many points a side are looked at for the share of a class."""
BLOCK = 64
"""Tiles a side that are labelled together; fewer where the label raster is fine."""
MOST_PIXELS = 4096


@dataclass(frozen=True)
class Labels:
    """What covers each tile; all arrays are [ROWS, COLUMNS].

    `most` is the class index of most points (NONE when most have no class), `share` its share of all points, and `agreed` the
    class that all 3 x 3 points fall in, or NONE. `points` counts all looked-at points by class.
    """

    classes: ClassMap
    most: npt.NDArray[np.int8]
    share: npt.NDArray[np.float32]
    agreed: npt.NDArray[np.int8]
    points: dict[str, int]

    def by(self, rule: Rule, majority: float) -> npt.NDArray[np.int8]:
        """The tile's class index by the rule, or NONE."""
        return self.agreed if rule == "points" else np.where(self.share >= majority, self.most, NONE).astype(np.int8)


def open_labels(file: LocalFile) -> Raster:
    """Check that `file` is a raster of codes: georeferenced, 8 bits. Raises UsageError or DataError."""
    raster = describe(file)
    if raster.dtypes[0] != "uint8":
        stem = file.name.rpartition(".")[0]
        raise DataError(
            f"The labels {file} hold {raster.dtypes[0]} values; NLCD codes are 8 bits (uint8).",
            suggestion=f"Convert a copy, for instance with: gdal_translate -ot Byte {file.name} {stem}_8bit.tif",
        )
    return raster


def check_overlap(labels: Raster, scenes: Sequence[Scene]) -> None:
    """Raise DataError when a scene lies wholly outside of the labels."""
    for scene in scenes:
        left, bottom, right, top = bounds_in(labels, scene.raster.crs)
        west, south, east, north = scene.raster.bounds
        if left >= east or right <= west or bottom >= north or top <= south:
            raise DataError(
                f"The labels {labels.file} do not overlap the scene {scene.raster.file}.",
                suggestion="Give labels of the same place, or leave that scene out.",
            )


def label_tiles(labels: Raster, grid: Grid, classes: ClassMap) -> Labels:
    """Look the codes up at points of each tile, spaced at most half a label pixel (45 x 45 points at most).

    A point takes the code of the label pixel that it lies in. Blocks of tiles are read one after the other.
    """
    return with_opened(labels.file, lambda source: _label(source, labels, grid, classes))


def _label(source: Any, labels: Raster, grid: Grid, classes: ClassMap) -> Labels:
    across = _across(labels, grid)
    shares = (np.arange(across) + 0.5) / across
    most = np.full((grid.rows, grid.columns), NONE, np.int8)
    agreed, share = most.copy(), np.zeros(most.shape, np.float32)
    totals = np.zeros(len(classes.names), np.int64)
    for block in _blocks(labels, grid):
        rows, columns = (axis.ravel() for axis in np.mgrid[block])
        found = classes.indices(_codes(source, labels, grid, rows, columns, shares))
        counts = np.stack([(found == k).sum(axis=(1, 2)) for k in range(len(classes.names))], axis=1)
        totals += counts.sum(axis=0)
        shape = most[block].shape
        unknown = across * across - counts.sum(axis=1)
        best = counts.argmax(axis=1)
        largest = counts[np.arange(len(best)), best]
        most[block] = np.where((largest > 0) & (largest >= unknown), best, NONE).reshape(shape)
        share[block] = (largest / (across * across)).reshape(shape)
        agreed[block] = _agreed(found, across).reshape(shape)
    return Labels(classes, most, share, agreed, dict(zip(classes.names, totals.tolist(), strict=True)))


def _blocks(labels: Raster, grid: Grid) -> Iterator[tuple[slice, slice]]:
    """Blocks of the grid's tiles that are read together."""
    label_pixels = max(grid.tile / _ground_pixel(labels, grid), 1)
    side = int(max(min(BLOCK, MOST_PIXELS // label_pixels), 1))
    for row in range(0, grid.rows, side):
        for column in range(0, grid.columns, side):
            yield np.s_[row : min(row + side, grid.rows), column : min(column + side, grid.columns)]


def _agreed(found: npt.NDArray[np.int8], across: int) -> npt.NDArray[np.int8]:
    """The class at all POINTS x POINTS points of [TILES, N, N], or NONE."""
    third = across // POINTS
    nine = found[:, third // 2 :: third, third // 2 :: third].reshape(len(found), -1)
    return np.where((nine == nine[:, :1]).all(axis=1), nine[:, 0], NONE).astype(np.int8)


def _across(labels: Raster, grid: Grid) -> int:
    """Points a side: a multiple of three by an odd number, so that the middles of the thirds are among them."""
    wanted = ceil(2 * grid.tile / _ground_pixel(labels, grid))
    odd = ceil(wanted / POINTS) | 1
    return min(odd * POINTS, MOST_ACROSS)


def _ground_pixel(labels: Raster, grid: Grid) -> float:
    """A label pixel's shorter side in metres."""
    west, south, east, north = bounds_in(labels, grid.crs)
    return min((east - west) / labels.width, (north - south) / labels.height)


def _codes(
    source: Any, labels: Raster, grid: Grid, rows: Ints, columns: Ints, shares: npt.NDArray[np.float64]
) -> npt.NDArray[np.uint8]:
    """The code at each point [TILES, N, N]; 0 outside of the labels and where they have no data."""
    xs, ys = grid.points(rows, columns, shares)
    x, y = transform(grid.crs, labels.crs, np.ascontiguousarray(xs).ravel(), np.ascontiguousarray(ys).ravel())
    back = ~source.transform
    with np.errstate(invalid="ignore"):
        across, down = np.floor(back.a * x + back.b * y + back.c), np.floor(back.d * x + back.e * y + back.f)
        inside = (across >= 0) & (across < source.width) & (down >= 0) & (down < source.height)
    codes = np.zeros(len(x), np.uint8)
    if inside.any():
        i, j = across[inside].astype(np.int64), down[inside].astype(np.int64)
        left, top = int(i.min()), int(j.min())
        window = rasterio_module().windows.Window(left, top, int(i.max()) - left + 1, int(j.max()) - top + 1)
        found = source.read(1, window=window)[j - top, i - left]
        codes[inside] = found if labels.nodata is None else np.where(found == labels.nodata, 0, found)
    return codes.reshape(xs.shape)
