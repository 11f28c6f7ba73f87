"""Scenes: aerial images that tiles are cut from. Only red, green and blue are read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from aerial_ops.datasets.raster import Raster, Target, describe, read_onto
from aerial_ops.errors import DataError, UsageError


@dataclass(frozen=True)
class Scene:
    """One image: `name` is unique among the scenes of a set and holds the date; `bands` are those of red, green and blue."""

    name: str
    raster: Raster
    bands: tuple[int, int, int]

    def read(self, target: Target) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
        """The colours on the target's grid, uint8 [H, W, 3], and where there is data, bool [H, W]."""
        picture, there = read_onto(self.raster, self.bands, target)
        return np.ascontiguousarray(picture.transpose(1, 2, 0)), there


def open_scene(path: Path) -> Scene:
    """Check that `path` can be cut: georeferenced, three or more bands of 8 bits. Raises UsageError or DataError."""
    raster = describe(path)
    if len(raster.dtypes) < 3:
        count = "one band" if len(raster.dtypes) == 1 else f"{len(raster.dtypes)} bands"
        raise DataError(
            f"{path} has {count}; red, green and blue are needed.",
            suggestion="Give a colour image, for instance NAIP as delivered.",
        )
    bands = _colour_bands(raster.colours)
    wrong = {raster.dtypes[index - 1] for index in bands} - {"uint8"}
    if wrong:
        raise DataError(
            f"{path} holds {' and '.join(sorted(wrong))} values; 8 bits (uint8) are needed.",
            suggestion=f"Scale a copy to 8 bits, for instance: gdal_translate -ot Byte -scale {path.name} {path.stem}_8bit.tif",
        )
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem)
    return Scene(stem if raster.date in stem else f"{stem}_{raster.date}", raster, bands)


def open_scenes(paths: Sequence[Path]) -> list[Scene]:
    """Open all, and check that no two would give tiles of the same name."""
    scenes = [open_scene(path) for path in paths]
    names = [scene.name for scene in scenes]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(
            f"Two scenes are named {twice[0]}; their tiles would overwrite each other.", suggestion="Rename one file."
        )
    return scenes


def _colour_bands(colours: Sequence[str]) -> tuple[int, int, int]:
    """The bands that the file declares as red, green and blue; the first three where it declares nothing."""
    if {"red", "green", "blue"} <= set(colours):
        return colours.index("red") + 1, colours.index("green") + 1, colours.index("blue") + 1
    return 1, 2, 3
