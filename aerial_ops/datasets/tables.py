"""The tables of an image set: where each tile is from, where the county's tiles lie, and what the labels say of them."""

import csv
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from aerial_ops.datasets.classes import NONE
from aerial_ops.datasets.cutting import Tile
from aerial_ops.datasets.grid import Grid
from aerial_ops.datasets.labels import Labels
from aerial_ops.datasets.outcomes import Outcome
from aerial_ops.datasets.planning import Plan
from aerial_ops.datasets.projection import transform
from aerial_ops.datasets.raster import Raster
from aerial_ops.datasets.writer import SUMMARY_COLUMNS, write_table
from aerial_ops.storage.layout import COUNTY, OLDER_LABELS, TEST, TEST_PLACES, TILE_SUMMARIES

PROVENANCE = "provenance.csv"
PROVENANCE_COLUMNS = (
    "container", "path", "scene", "date", "window_column", "window_row", "window_width", "window_height",
    "row", "column", "label", "majority", "share", "missing", "cloud",
)  # fmt: skip
TRUTH = Path("truth") / "county_labels.csv"
OLDER = 0.5
"""A county's tile has an older label when at least so much of it is one class."""


@dataclass(frozen=True)
class CutTile:
    """A tile that was cut. `label` is its class; empty in the county where the label rule finds none."""

    tile: Tile
    label: str
    outcome: Outcome


def write_tables(out: Path, plan: Plan, lines: Sequence[CutTile]) -> list[Path]:
    """Write all tables of the set; their paths."""
    tables = [out / PROVENANCE]
    write_table(tables[0], PROVENANCE_COLUMNS, _provenance(plan, lines))
    test, county = ([line for line in lines if line.tile.container == container] for container in (TEST, COUNTY))
    for table, grid, placed in (
        (out / TEST / TEST_PLACES, plan.grid, test),
        (out / COUNTY / TILE_SUMMARIES, plan.county_grid, county),
    ):
        if placed:
            tables.append(table)
            _write_places(table, grid, placed)
    if county and plan.county_labels:
        found = plan.county_labels
        older = np.where(found.share >= OLDER, found.most, NONE)
        tables += [out / COUNTY / OLDER_LABELS, out / TRUTH]
        names = (*found.classes.names, "")
        at = [(line.tile.path, names[older[line.tile.row, line.tile.column]]) for line in county]
        write_table(tables[-2], ("filename", "label"), at)
        write_table(tables[-1], ("filename", "label"), [(line.tile.path, line.label) for line in county if line.label])
    return tables


def read_provenance(out: Path) -> list[dict[str, str]]:
    """The rows of provenance.csv; none when it is not there."""
    if not (out / PROVENANCE).exists():
        return []
    with (out / PROVENANCE).open(newline="") as file:
        return list(csv.DictReader(file))


def all_there(out: Path) -> bool:
    """Whether every tile and table that provenance.csv tells of is there."""
    lines = read_provenance(out)
    containers = {line["container"] for line in lines}
    tables = [out / name / table for name, table in ((TEST, TEST_PLACES), (COUNTY, TILE_SUMMARIES)) if name in containers]
    return bool(lines) and all(path.exists() for path in [*(out / line["container"] / line["path"] for line in lines), *tables])


def _provenance(plan: Plan, lines: Sequence[CutTile]) -> list[tuple[object, ...]]:
    windows = _windows(plan, lines)
    rows: list[tuple[object, ...]] = []
    for line, window in zip(lines, windows, strict=True):
        county = line.tile.container == COUNTY
        layer = (plan.county if county else plan.layers)[line.tile.layer]
        scenes = [scene for scene in layer.scenes if scene.name in line.outcome.scenes]
        rows.append(
            (
                line.tile.container,
                line.tile.path,
                "+".join(scene.raster.file.name for scene in scenes),
                "+".join(dict.fromkeys(scene.raster.date for scene in scenes)),
                *window,
                line.tile.row,
                line.tile.column,
                line.label,
                *_majority(plan.county_labels if county else plan.labels, line.tile),
                f"{line.outcome.missing:.4f}",
                f"{line.outcome.cloud:.4f}",
            )
        )
    return rows


def _majority(labels: Labels | None, tile: Tile) -> tuple[str, str]:
    if labels is None or labels.most[tile.row, tile.column] == NONE:
        return "", ""
    return labels.classes.names[labels.most[tile.row, tile.column]], f"{labels.share[tile.row, tile.column]:.4f}"


def _windows(plan: Plan, lines: Sequence[CutTile]) -> list[tuple[float, ...]]:
    """For each tile, the pixels of its first scene that it covers: column, row, width, height."""
    by_scene: dict[tuple[bool, int, str], list[int]] = defaultdict(list)
    for at, line in enumerate(lines):
        by_scene[line.tile.container == COUNTY, line.tile.layer, line.outcome.scenes[0]].append(at)
    windows = np.zeros((len(lines), 4))
    for (county, number, name), chosen in by_scene.items():
        scene = next(one for one in (plan.county if county else plan.layers)[number].scenes if one.name == name)
        grid = plan.county_grid if county else plan.grid
        xs, ys = grid.points(*_places([lines[k] for k in chosen]), np.array([0.0, 1.0]))
        windows[chosen] = _pixels(scene.raster, *transform(grid.crs, scene.raster.crs, xs.ravel(), ys.ravel()))
    return [tuple(window) for window in windows.round(2).tolist()]


def _write_places(table: Path, grid: Grid, lines: Sequence[CutTile]) -> None:
    corners = grid.corners(*_places(lines)).tolist()
    rows = [(line.tile.path, *(f"{value:.8f}" for value in at)) for line, at in zip(lines, corners, strict=True)]
    write_table(table, SUMMARY_COLUMNS, rows)


def _places(lines: Sequence[CutTile]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows and columns [TILES]."""
    return np.array([line.tile.row for line in lines], np.int64), np.array([line.tile.column for line in lines], np.int64)


def _pixels(raster: Raster, xs: npt.NDArray[np.float64], ys: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """[TILES, 4]: column, row, width and height of the rectangle around four corners each."""
    a, b, c, d, e, f = raster.transform
    area = a * e - b * d
    across = ((e * (xs - c) - b * (ys - f)) / area).reshape(-1, 4)
    down = ((a * (ys - f) - d * (xs - c)) / area).reshape(-1, 4)
    left, top = across.min(axis=1), down.min(axis=1)
    return np.stack([left, top, across.max(axis=1) - left, down.max(axis=1) - top], axis=1)
