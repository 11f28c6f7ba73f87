"""Labels: which class covers most of each tile of the grid, from a raster of land-cover codes."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aerial_ops.datasets.classes import class_names, to_classes
from aerial_ops.datasets.grid import Grid
from aerial_ops.datasets.raster import Raster, bounds_in, describe, read_onto
from aerial_ops.datasets.scenes import Scene
from aerial_ops.errors import DataError


@dataclass(frozen=True)
class Label:
    """The class of a tile, and the share of its pixels that have it."""

    name: str
    share: float


def open_labels(path: Path) -> Raster:
    """Check that `path` is a raster of codes: georeferenced, 8 bits. Raises UsageError or DataError."""
    raster = describe(path)
    if raster.dtypes[0] != "uint8":
        raise DataError(
            f"The labels {path} hold {raster.dtypes[0]} values; NLCD codes are 8 bits (uint8).",
            suggestion=f"Convert a copy, for instance with: gdal_translate -ot Byte {path.name} {path.stem}_8bit.tif",
        )
    return raster


def check_overlap(labels: Raster, scenes: list[Scene]) -> None:
    """Raise DataError when a scene lies wholly outside of the labels."""
    for scene in scenes:
        left, bottom, right, top = bounds_in(labels, scene.raster.crs)
        west, south, east, north = scene.raster.bounds
        if left >= east or right <= west or bottom >= north or top <= south:
            raise DataError(
                f"The labels {labels.path} do not overlap the scene {scene.raster.path}.",
                suggestion="Give labels of the same place, or leave that scene out.",
            )


def label_tiles(labels: Raster, grid: Grid, majority: float, *, water: bool) -> tuple[dict[tuple[int, int], Label], Counter[str]]:
    """Tiles by (row, column) with at least the share `majority` of one class; and how many pixels of the grid each class has.

    The share is of all pixels of the tile, those without a class included.
    """
    names = class_names(water=water)
    found: dict[tuple[int, int], Label] = {}
    pixels: Counter[str] = Counter()
    for row in range(grid.rows):
        codes, there = read_onto(labels, [1], grid.row(row, 0, grid.columns - 1), categories=True)
        numbers = np.where(there, to_classes(codes[0], water=water), 0)
        tiles = numbers.reshape(grid.tile_pixels, grid.columns, grid.tile_pixels).transpose(1, 0, 2).reshape(grid.columns, -1)
        counts = np.stack([(tiles == number).sum(axis=1) for number in range(1, len(names) + 1)], axis=1)
        pixels.update({name: int(count) for name, count in zip(names, counts.sum(axis=0), strict=True)})
        for column in range(grid.columns):
            best = int(np.argmax(counts[column]))
            share = float(counts[column, best]) / tiles.shape[1]
            if counts[column, best] and share >= majority:
                found[row, column] = Label(names[best], share)
    return found, pixels
