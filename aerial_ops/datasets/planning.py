"""All that is decided before the first pixel is cut: the grid, each tile's label, and where it belongs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from aerial_ops.datasets.classes import NONE
from aerial_ops.datasets.cutting import Tile, in_threads
from aerial_ops.datasets.files import LocalFile, RasterFile, local_files
from aerial_ops.datasets.grid import Grid, common_grid
from aerial_ops.datasets.labels import Labels, check_overlap, label_tiles, open_labels
from aerial_ops.datasets.raster import Raster
from aerial_ops.datasets.request import BuildRequest
from aerial_ops.datasets.scenes import Layer, Scene, layers_of, open_scene
from aerial_ops.datasets.split import BUFFER, HELD_OUT, NOWHERE, TRAINING, Split, split_by_place
from aerial_ops.datasets.stac.search import find_scenes
from aerial_ops.errors import DataError
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.storage.layout import COUNTY, TEST, TRAIN

SETS = {TRAINING: TRAIN, HELD_OUT: TEST}
NO_LABEL, LEFT_OUT, NEAR_TEST = "without a label", "of a class that is left out", "in the buffer around the test set"

UNDATED = "undated"
THREADS = 8
"""Scenes of a catalogue that are opened at once; most of the time is waiting for the network."""


@dataclass(frozen=True)
class Plan:
    """`layers` are cut on `grid` into the sets of `split`; `county` on `county_grid`, where no place is cut twice.

    `labelled` and `county_labelled` [ROWS, COLUMNS] are class indices by the label rule.
    What has no part in the request is None or empty.
    """

    layers: list[Layer]
    county: list[Layer]
    grid: Grid
    county_grid: Grid
    labels: Labels | None = None
    labelled: npt.NDArray[np.int8] | None = None
    split: Split | None = None
    county_labels: Labels | None = None
    county_labelled: npt.NDArray[np.int8] | None = None
    files: dict[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The classes."""
        return self.labels.classes.names if self.labels else ()

    def set_tiles(self) -> tuple[list[tuple[Tile, str]], Counter[str]]:
        """The labelled tiles of all layers with their classes, and how many are dropped beforehand, by reason."""
        tiles: list[tuple[Tile, str]] = []
        dropped: Counter[str] = Counter()
        if self.split is None or self.labelled is None:
            return tiles, dropped
        sets = self.split.sets
        for number, layer in enumerate(self.layers):
            main = self.grid.main_scenes(layer)
            covered = main >= 0
            without = int((covered & (self.labelled == NONE)).sum())
            left_out = int((covered & (sets == NOWHERE)).sum()) - without
            dropped.update({NO_LABEL: without, LEFT_OUT: left_out, NEAR_TEST: int((covered & (sets == BUFFER)).sum())})
            for row, column in np.argwhere(covered & np.isin(sets, tuple(SETS))).tolist():
                name = self.names[self.labelled[row, column]]
                file = f"{name}/{tile_name(layer.scenes[main[row, column]], row, column)}"
                tiles.append((Tile(SETS[int(sets[row, column])], file, row, column, number), name))
        return tiles, +dropped

    def county_tiles(self) -> list[Tile]:
        """All tiles of the county; in a folder of the year where there are several years."""
        tiles = []
        for number, layer in enumerate(self.county):
            main = self.county_grid.main_scenes(layer)
            folder = f"{layer.year or UNDATED}/" if len(self.county) > 1 else ""
            for row, column in np.argwhere(main >= 0).tolist():
                file = folder + tile_name(layer.scenes[main[row, column]], row, column)
                tiles.append(Tile(COUNTY, file, row, column, number))
        return tiles


def tile_name(scene: Scene, row: int, column: int) -> str:
    """The file of a tile."""
    return f"{scene.name}_r{row:04d}_c{column:04d}.png"


def plan_build(request: BuildRequest, reporter: Reporter = SILENT) -> Plan:
    """Open everything, label the grid and split it. Raises UsageError or DataError for unfit inputs."""
    labels_file = LocalFile(request.labels) if request.labels else None
    scenes = _opened(request, request.scenes, request.years, reporter)
    county = _opened(request, request.county, request.county_years, reporter)
    labels = open_labels(labels_file) if labels_file else None
    if labels:
        check_overlap(labels, [*scenes, *county])
    layers, county_layers = layers_of(scenes), layers_of(county)
    grid = common_grid([*layers, *county_layers], request.tiling, request.bbox)
    county_grid = grid.without_overlap()
    files = {"scenes": _prints(scenes), "county": _prints(county), "labels": labels_file.fingerprint() if labels_file else None}
    county_labels = label_tiles(labels, county_grid, request.class_map()) if labels and county else None
    county_labelled = county_labels.by(request.label_rule, request.majority) if county_labels else None
    common: dict[str, Any] = {"county_labels": county_labels, "county_labelled": county_labelled, "files": files}
    if not labels or not scenes:
        return Plan([], county_layers, grid, county_grid, **common)
    found = county_labels if county_labels and grid == county_grid else label_tiles(labels, grid, request.class_map())
    labelled = _within(layers, grid, _labelled(labels, found, request))
    split = split_by_place(labelled, found.classes.names, grid, request.split_rule)
    return Plan(layers, county_layers, grid, county_grid, found, labelled, split, **common)


def _opened(request: BuildRequest, paths: Sequence[Path], years: Sequence[int], reporter: Reporter) -> list[Scene]:
    """The local scenes, and those of the catalogue."""
    scenes = [open_scene(file) for file in local_files(paths, without=request.labels)]
    if years and request.catalogue and request.bbox:
        found = find_scenes(request.catalogue, request.bbox, years)
        with reporter.task("Opening scenes", len(found), "scenes") as task:
            for scene in in_threads(lambda one: open_scene(one.file, date=one.date), found, THREADS):
                scenes.append(scene)
                task.advance()
    return scenes


def _labelled(labels: Raster, found: Labels, request: BuildRequest) -> npt.NDArray[np.int8]:
    labelled = found.by(request.label_rule, request.majority)
    if (labelled == NONE).all():
        rule = (
            "has all 3 x 3 points in one class" if request.label_rule == "points" else f"is {request.majority:.0%} of one class"
        )
        raise DataError(
            f"No tile of {request.tile_metres:g} m {rule} in {labels.file}.",
            suggestion="Choose a smaller --tile-metres, or --label-rule majority with a lower --majority.",
        )
    return labelled


def _within(layers: Sequence[Layer], grid: Grid, labelled: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """`labelled` where a scene can give a tile; NONE elsewhere, so that the split counts what can be cut."""
    covered = np.any([grid.main_scenes(layer) >= 0 for layer in layers], axis=0)
    return np.where(covered, labelled, NONE).astype(np.int8)


def _prints(scenes: Sequence[Scene]) -> list[str]:
    files: list[RasterFile] = [scene.raster.file for scene in scenes]
    return sorted(file.fingerprint() for file in files)
