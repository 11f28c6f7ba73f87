"""The generated sample: a labelled set and a small county, in the layout of the containers."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from math import cos, pi, radians, sin, sqrt
from pathlib import Path
from typing import Any

from aerial_ops.datasets.folder import SetFolder, claimed, data_hash
from aerial_ops.datasets.landscape.county import County
from aerial_ops.datasets.landscape.labelled import labelled_tile
from aerial_ops.datasets.workers import cores, spread
from aerial_ops.datasets.writer import SUMMARY_COLUMNS, TRUTH_COLUMNS, disk_errors, png, write_table, write_whole
from aerial_ops.errors import UsageError
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.storage.layout import CLASSES, COUNTY, OLDER_LABELS, TEST, TILE_SUMMARIES, TRAIN

MARKER = "sample.json"
TRUTH = Path("truth") / "county_labels.csv"
GENERATOR = 2
"""Version of the generator: another one makes other files of the same seed."""
SIDE = 224
"""Pixels, and metres, of a tile's side."""
CENTRE = (42.48, -71.40)
"""Latitude and longitude of the county's centre: Middlesex County, Massachusetts."""
SPLITS = {TRAIN: 0, TEST: 1}


@dataclass(frozen=True)
class SampleParameters:
    """What a sample is made of; equal parameters give equal bytes."""

    train_per_class: int = 60
    test_per_class: int = 30
    county_rows: int = 20
    county_columns: int = 28
    seed: int = 0

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value < (0 if name == "seed" else 1):
                raise UsageError(f"{name.replace('_', ' ')} is {value}; it must be at least {0 if name == 'seed' else 1}.")


@dataclass(frozen=True)
class SampleResult:
    """What a sample's folder holds. `made` counts the tiles that this call made; 0 when the sample was complete."""

    out: Path
    made: int
    train: int
    test: int
    county: int
    bytes: int
    data_sha256: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {**asdict(self), "out": str(self.out)}


@dataclass(frozen=True)
class Tile:
    """One tile to make: its file, and the function of no arguments that draws it."""

    path: Path
    draw: "partial[Any]"


def make_sample(
    out: Path, parameters: SampleParameters, *, reporter: Reporter = SILENT, processes: int | None = None
) -> SampleResult:
    """Make the sample in `out`, or finish one that was interrupted, or do nothing when it is complete.

    Raises RefusedError when `out` holds something else, DataError when the disk is full.
    """
    with claimed(out, MARKER, {"generator": GENERATOR, **asdict(parameters)}) as folder, disk_errors(out):
        tiles = _tiles(out, parameters)
        missing = [tile for tile in tiles if not tile.path.exists()]
        tables = [out / COUNTY / TILE_SUMMARIES, out / COUNTY / OLDER_LABELS, out / TRUTH]
        if folder.summary and not missing and all(table.exists() for table in tables):
            return SampleResult(out=out, made=0, **{key: folder.summary[key] for key in _COUNTED})
        for path in {tile.path.parent for tile in tiles}:
            path.mkdir(parents=True, exist_ok=True)
        with reporter.task("Making tiles", len(tiles), "tiles") as task:
            task.advance(len(tiles) - len(missing))
            for done in spread(_make, missing, processes or cores()):
                task.advance(done)
        _write_tables(out, parameters)
        return _finish(folder, tiles, tables, len(missing))


_COUNTED = ("train", "test", "county", "bytes", "data_sha256")


def grid_size(text: str) -> tuple[int, int]:
    """Rows and columns of a text such as 20x28. Raises UsageError."""
    found = re.fullmatch(r"(\d{1,3})[xX](\d{1,3})", text.strip())
    if not found:
        raise UsageError(f"County {text!r} is not ROWSxCOLUMNS.", suggestion="Write it as --county 20x28.")
    return int(found[1]), int(found[2])


def county_corners(row: int, column: int, rows: int, columns: int) -> tuple[float, float, float, float]:
    """Lower-left latitude and longitude and upper-right latitude and longitude (WGS84) of one tile of the county.

    The grid is regular in degrees; its step is SIDE metres on the WGS84 ellipsoid at the county's centre.
    """
    flattening, equator = 1 / 298.257223563, 6378137.0
    squared = flattening * (2 - flattening)
    latitude = radians(CENTRE[0])
    bend = 1 - squared * sin(latitude) ** 2
    north = SIDE / (equator * (1 - squared) / bend**1.5) * 180 / pi
    east = SIDE / (equator / sqrt(bend) * cos(latitude)) * 180 / pi
    top = CENTRE[0] + north * (rows / 2 - row)
    left = CENTRE[1] + east * (column - columns / 2)
    return top - north, left, top, left + east


def _tiles(out: Path, parameters: SampleParameters) -> list[Tile]:
    tiles = []
    for split, count in ((TRAIN, parameters.train_per_class), (TEST, parameters.test_per_class)):
        for name in CLASSES:
            for number in range(count):
                path = out / split / name / f"{name.lower()}_{split}_{number:05d}.png"
                tiles.append(Tile(path, partial(labelled_tile, parameters.seed, SPLITS[split], name, number, SIDE)))
    county = (parameters.county_rows, parameters.county_columns, SIDE, parameters.seed)
    for row, column in _places(parameters):
        tiles.append(Tile(out / COUNTY / _county_name(row, column), partial(_county_tile, *county, row, column)))
    return tiles


def _places(parameters: SampleParameters) -> list[tuple[int, int]]:
    return [(row, column) for row in range(parameters.county_rows) for column in range(parameters.county_columns)]


def _county_name(row: int, column: int) -> str:
    return f"middlesex_r{row:03d}_c{column:03d}.png"


@lru_cache(maxsize=2)
def _county(rows: int, columns: int, side: int, seed: int) -> County:
    return County(rows, columns, side, seed)


def _county_tile(rows: int, columns: int, side: int, seed: int, row: int, column: int) -> Any:
    return _county(rows, columns, side, seed).tile(row, column)


def _make(tiles: Sequence[Tile]) -> int:
    for tile in tiles:
        write_whole(tile.path, png(tile.draw()))
    return len(tiles)


def _write_tables(out: Path, parameters: SampleParameters) -> None:
    rows, columns = parameters.county_rows, parameters.county_columns
    places = _places(parameters)
    corners = [(_county_name(r, c), *(f"{value:.8f}" for value in county_corners(r, c, rows, columns))) for r, c in places]
    write_table(out / COUNTY / TILE_SUMMARIES, SUMMARY_COLUMNS, corners)
    county = _county(rows, columns, SIDE, parameters.seed)
    now, older = county.labels(), county.labels(older=True)
    write_table(out / COUNTY / OLDER_LABELS, ("filename", "label"), [(_county_name(r, c), older[r][c]) for r, c in places])
    write_table(out / TRUTH, TRUTH_COLUMNS, [(_county_name(r, c), now[r][c], older[r][c]) for r, c in places])


def _finish(folder: SetFolder, tiles: list[Tile], tables: list[Path], made: int) -> SampleResult:
    size, digest = data_hash(folder.path, [tile.path for tile in tiles] + tables)
    counts = {name: sum(tile.path.relative_to(folder.path).parts[0] == name for tile in tiles) for name in (TRAIN, TEST, COUNTY)}
    summary: dict[str, Any] = {
        "train": counts[TRAIN],
        "test": counts[TEST],
        "county": counts[COUNTY],
        "bytes": size,
        "data_sha256": digest,
    }
    folder.finish(summary)
    return SampleResult(out=folder.path, made=made, **summary)
