"""Cutting: the tiles of each scene, a row of the grid at a time, and where each belongs."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from aerial_ops.datasets.grid import Grid
from aerial_ops.datasets.labels import Label
from aerial_ops.datasets.scenes import Scene
from aerial_ops.datasets.split import Split
from aerial_ops.datasets.writer import png, write_whole
from aerial_ops.reporting import Task
from aerial_ops.storage.layout import COUNTY, TEST, TRAIN

SIDE = 224
"""Pixels of a finished tile's side."""
MAX_MISSING = 0.01
"""Share of a tile's pixels that may be without data."""


@dataclass(frozen=True)
class CutTile:
    """One tile of one scene. `label` is None in the county where no class has the majority."""

    container: str
    path: str
    scene: Scene
    row: int
    column: int
    label: Label | None

    @property
    def provenance(self) -> tuple[object, ...]:
        """A line of provenance.csv."""
        label = (self.label.name, f"{self.label.share:.4f}") if self.label else ("", "")
        return (self.container, self.path, self.scene.raster.path.name, self.scene.raster.date, self.row, self.column, *label)


@dataclass(frozen=True)
class Plan:
    """All that is decided before the first pixel is cut. `present` names the classes that the labels have in the grid."""

    scenes: list[Scene]
    county: Scene | None
    grid: Grid
    labels: dict[tuple[int, int], Label]
    split: Split
    present: list[str]


def strips(plan: Plan, task: Task) -> Iterator[list[tuple[CutTile, npt.NDArray[np.uint8]]]]:
    """The tiles of each scene and their pixels [PIXELS, PIXELS, 3], a row of the grid at a time."""
    for scene, is_county in [(scene, False) for scene in plan.scenes] + ([(plan.county, True)] if plan.county else []):
        rows, columns = plan.grid.covered(scene.raster)
        for row in rows:
            picture, there = scene.read(plan.grid.row(row, columns[0], columns[-1]))
            size = plan.grid.tile_pixels
            tiles = []
            for k, column in enumerate(columns):
                part = slice(k * size, (k + 1) * size)
                label = plan.labels.get((row, column))
                place = _destination(scene, row, column, label, plan.split, is_county)
                if place and there[:, part].mean() >= 1 - MAX_MISSING:
                    tiles.append((CutTile(*place, scene, row, column, label), picture[:, part]))
            yield tiles
            task.advance(len(columns))


def _destination(
    scene: Scene, row: int, column: int, label: Label | None, split: Split, is_county: bool
) -> tuple[str, str] | None:
    """Container and path of a tile, or None when it belongs to no set."""
    name = f"{scene.name}_r{row:03d}_c{column:03d}.png"
    if is_county:
        return COUNTY, name
    if label is None or label.name in split.left_out:
        return None
    return TEST if column in split.test_columns else TRAIN, f"{label.name}/{name}"


def write_tile(out: Path, tile: CutTile, pixels: npt.NDArray[np.uint8]) -> bool:
    """Write the tile unless it is there; whether it was written."""
    path = out / tile.container / tile.path
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    resized = Image.fromarray(np.ascontiguousarray(pixels)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    write_whole(path, png(np.asarray(resized)))
    return True
