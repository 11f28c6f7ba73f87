"""Scenes: aerial images that tiles are cut from, a layer for each year. Only red, green and blue are read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

from aerial_ops.datasets.files import RasterFile
from aerial_ops.datasets.raster import Raster, describe
from aerial_ops.datasets.reading import Target, read_onto
from aerial_ops.errors import DataError, UsageError


@dataclass(frozen=True)
class Scene:
    """One image: `name` is unique among the scenes of a set and holds the date; `bands` are those of red, green and blue."""

    name: str
    raster: Raster
    bands: tuple[int, int, int]

    def read(self, target: Target) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
        """The colours on the target's grid, uint8 [3, H, W], and where there is data, bool [H, W]."""
        return read_onto(self.raster, self.bands, target)


@dataclass(frozen=True)
class Layer:
    """The scenes of one year, or those without a date. Where they overlap, the first that has data is taken."""

    year: str
    scenes: tuple[Scene, ...]


def open_scene(file: RasterFile, *, date: str = "") -> Scene:
    """Check that `file` can be cut: georeferenced, three or more bands of 8 bits. Raises UsageError or DataError."""
    raster = describe(file, date=date)
    if len(raster.dtypes) < 3:
        count = "one band" if len(raster.dtypes) == 1 else f"{len(raster.dtypes)} bands"
        raise DataError(
            f"{file} has {count}; red, green and blue are needed.",
            suggestion="Give a colour image, for instance NAIP as delivered.",
        )
    bands = _colour_bands(raster.colours)
    wrong = {raster.dtypes[index - 1] for index in bands} - {"uint8"}
    if wrong:
        stem = file.name.rpartition(".")[0]
        raise DataError(
            f"{file} holds {' and '.join(sorted(wrong))} values; 8 bits (uint8) are needed.",
            suggestion=f"Scale a copy to 8 bits, for instance: gdal_translate -ot Byte -scale {file.name} {stem}_8bit.tif",
        )
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", file.name.rpartition(".")[0])
    return Scene(stem if raster.date in stem else f"{stem}_{raster.date}", raster, bands)


def layers_of(scenes: Sequence[Scene]) -> list[Layer]:
    """The scenes by year, oldest first; within a year by date and name. Raises UsageError when two have one name."""
    names = [scene.name for scene in scenes]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(
            f"Two scenes are named {twice[0]}; their tiles would overwrite each other.", suggestion="Rename one file."
        )
    in_order = sorted(scenes, key=lambda scene: (scene.raster.date, scene.name))
    return [Layer(year, tuple(group)) for year, group in groupby(in_order, lambda scene: scene.raster.date[:4])]


def _colour_bands(colours: Sequence[str]) -> tuple[int, int, int]:
    """The bands that the file declares as red, green and blue; the first three where it declares nothing."""
    if {"red", "green", "blue"} <= set(colours):
        return colours.index("red") + 1, colours.index("green") + 1, colours.index("blue") + 1
    return 1, 2, 3
