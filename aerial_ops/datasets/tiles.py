"""Image sets cut from imagery: labelled tiles split by place, and a county to map, in the layout of the containers."""

import csv
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import file_digest
from pathlib import Path
from typing import Any

from aerial_ops.datasets.cutting import CutTile, Plan, strips, write_tile
from aerial_ops.datasets.folder import SetFolder, claimed, data_hash
from aerial_ops.datasets.grid import Grid, common_grid
from aerial_ops.datasets.labels import Label, check_overlap, label_tiles, open_labels
from aerial_ops.datasets.raster import Raster
from aerial_ops.datasets.scenes import open_scenes
from aerial_ops.datasets.split import split_by_place
from aerial_ops.datasets.workers import cores
from aerial_ops.datasets.writer import SUMMARY_COLUMNS, disk_errors, write_table
from aerial_ops.errors import DataError, UsageError
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.storage.layout import COUNTY, TEST, TILE_SUMMARIES, TRAIN

MARKER = "tiles.json"
PROVENANCE = "provenance.csv"
PROVENANCE_COLUMNS = ("container", "path", "scene", "date", "row", "column", "label", "share")
TRUTH = Path("truth") / "county_labels.csv"


@dataclass(frozen=True)
class TileRequest:
    """What to cut: scenes for training and test, the label raster, and the scene to map."""

    scenes: tuple[Path, ...]
    labels: Path
    county: Path | None = None
    tile_pixels: int = 48
    majority: float = 0.75
    test_fraction: float = 0.2
    seed: int = 0
    water: bool = False

    def __post_init__(self) -> None:
        if not self.scenes:
            raise UsageError("No scene is given.", suggestion="Give at least one --scene SCENE.tif.")
        if self.tile_pixels < 8:
            raise UsageError(f"A tile of {self.tile_pixels} pixels is too small.", suggestion="Give --tile-pixels 8 or more.")
        if not 0 < self.majority <= 1:
            raise UsageError(f"The majority is {self.majority}; it is a share above 0 and at most 1.")
        if not 0 < self.test_fraction < 1:
            raise UsageError(f"The test fraction is {self.test_fraction}; it is a share between 0 and 1.")


@dataclass(frozen=True)
class TilesResult:
    """What the folder holds: tiles of each class by split; `made` counts those that this call made."""

    out: Path
    made: int
    train: dict[str, int]
    test: dict[str, int]
    county: int
    test_columns: list[int]
    without_tiles: list[str]
    """Classes that the labels have in the grid but that no set holds."""
    bytes: int
    data_sha256: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {**asdict(self), "out": str(self.out)}

    def sentence(self) -> str:
        """The result for people."""
        said = f"Made {self.made:,} tiles in {self.out}" if self.made else f"Nothing to do: {self.out} is complete"
        sets = [f"{name}: " + ", ".join(f"{n:,} {k}" for k, n in counts.items()) for name, counts in self._sets]
        missing = [f"No tiles of {', '.join(self.without_tiles)}."] if self.without_tiles else []
        return "\n".join([f"{said}.", *sets, f"{COUNTY}: {self.county:,} tiles", *missing])

    @property
    def _sets(self) -> list[tuple[str, dict[str, int]]]:
        return [(TRAIN, self.train), (TEST, self.test)]


def cut_tiles(out: Path, request: TileRequest, *, reporter: Reporter = SILENT) -> TilesResult:
    """Cut the sets into `out`, or finish what was interrupted, or do nothing when they are complete.

    Raises UsageError or DataError for unfit inputs before anything is written, RefusedError when `out` holds something else.
    """
    plan = _plan(request)
    with claimed(out, MARKER, _parameters(request)) as folder, disk_errors(out):
        if folder.summary and _all_there(out):
            return TilesResult(out=out, made=0, **folder.summary["result"])
        for name in plan.split.left_out:
            reporter.note(f"{name} is left out: no block of columns has tiles of it for both training and test.")
        return _cut(folder, request, plan, reporter)


def _plan(request: TileRequest) -> Plan:
    scenes = open_scenes(request.scenes)
    county = open_scenes([request.county])[0] if request.county else None
    labels = open_labels(request.labels)
    check_overlap(labels, scenes)
    grid = common_grid([scene.raster for scene in scenes] + ([county.raster] if county else []), request.tile_pixels)
    found, present = _label(labels, grid, request)
    return Plan(scenes, county, grid, found, split_by_place(found, request.test_fraction, request.seed), present)


def _label(labels: Raster, grid: Grid, request: TileRequest) -> tuple[dict[tuple[int, int], Label], list[str]]:
    found, pixels = label_tiles(labels, grid, request.majority, water=request.water)
    if not found:
        raise DataError(
            f"No tile of {request.tile_pixels} pixels has {request.majority:.0%} of one class in {request.labels}.",
            suggestion="Choose a lower --majority or a smaller --tile-pixels.",
        )
    return found, [name for name, count in pixels.items() if count]


def _cut(folder: SetFolder, request: TileRequest, plan: Plan, reporter: Reporter) -> TilesResult:
    lines: list[CutTile] = []
    made = 0
    expected = sum(len(rows) * len(columns) for rows, columns in map(plan.grid.covered, _rasters(plan)))
    with reporter.task("Cutting tiles", expected, "places") as task, ThreadPoolExecutor(cores()) as pool:
        for tiles in strips(plan, task):
            made += sum(pool.map(partial(write_tile, folder.path), *zip(*tiles, strict=True))) if tiles else 0
            lines += [tile for tile, _ in tiles]
    _check(lines, request)
    return _finish(folder, plan, lines, made)


def _rasters(plan: Plan) -> list[Raster]:
    return [scene.raster for scene in plan.scenes] + ([plan.county.raster] if plan.county else [])


def _check(lines: list[CutTile], request: TileRequest) -> None:
    """Raise DataError when what was cut cannot be trained on."""
    sets = {name: {line.label.name for line in lines if line.container == name and line.label} for name in (TRAIN, TEST)}
    lone = sorted(sets[TRAIN] ^ sets[TEST])
    if lone or not sets[TRAIN]:
        what = f"{', '.join(lone)} has tiles in only one of the two sets" if lone else "no tile has data"
        raise DataError(
            f"After dropping tiles without data, {what}.",
            suggestion="Remove the folder and choose another --seed or --test-fraction, or other scenes.",
        )
    if request.county and not any(line.container == COUNTY for line in lines):
        raise DataError(
            f"The county scene {request.county} has no tile with data.", suggestion="Remove the folder, give another scene."
        )


def _finish(folder: SetFolder, plan: Plan, lines: list[CutTile], made: int) -> TilesResult:
    out = folder.path
    lines = sorted(lines, key=lambda line: (line.container, line.path))
    county = [line for line in lines if line.container == COUNTY]
    tables = [out / PROVENANCE]
    if county:
        tables += [out / COUNTY / TILE_SUMMARIES, out / TRUTH]
        corners = plan.grid.corners([(line.row, line.column) for line in county])
        rows = [(line.path, *(f"{value:.8f}" for value in at)) for line, at in zip(county, corners, strict=True)]
        write_table(tables[1], SUMMARY_COLUMNS, rows)
        write_table(tables[2], ("filename", "label"), [(line.path, line.label.name) for line in county if line.label])
    write_table(tables[0], PROVENANCE_COLUMNS, [line.provenance for line in lines])
    size, digest = data_hash(out, [out / line.container / line.path for line in lines] + tables)
    counts = {
        split: dict(sorted(Counter(line.label.name for line in lines if line.container == split and line.label).items()))
        for split in (TRAIN, TEST)
    }
    result: dict[str, Any] = {
        "train": counts[TRAIN],
        "test": counts[TEST],
        "county": len(county),
        "test_columns": sorted(plan.split.test_columns),
        "without_tiles": sorted(set(plan.present) - set(counts[TRAIN])),
        "bytes": size,
        "data_sha256": digest,
    }
    folder.finish({"result": result})
    return TilesResult(out=out, made=made, **result)


def _parameters(request: TileRequest) -> dict[str, Any]:
    """The request with each file's name and content hash in place of its path."""
    files = {
        path: _fingerprint(path) for path in (*request.scenes, request.labels, *([request.county] if request.county else []))
    }
    return {
        **asdict(request),
        "scenes": [files[path] for path in request.scenes],
        "labels": files[request.labels],
        "county": files[request.county] if request.county else None,
    }


def _fingerprint(path: Path) -> str:
    with path.open("rb") as file:
        return f"{path.name} {file_digest(file, 'sha256').hexdigest()}"


def _all_there(out: Path) -> bool:
    provenance = out / PROVENANCE
    if not provenance.exists():
        return False
    with provenance.open(newline="") as file:
        lines = list(csv.DictReader(file))
    tables = [out / COUNTY / TILE_SUMMARIES, out / TRUTH] if any(line["container"] == COUNTY for line in lines) else []
    return all(path.exists() for path in [*(out / line["container"] / line["path"] for line in lines), *tables])
