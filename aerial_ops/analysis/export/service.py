"""Writing a model's map for other programs: which files there are, each there as a whole or not at all."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from aerial_ops.analysis.export.changes import YearChange, year_change
from aerial_ops.analysis.export.files import change_files, map_files
from aerial_ops.analysis.export.formats import Format
from aerial_ops.analysis.export.frame import Frame, frame_of
from aerial_ops.analysis.export.gathering import Gathered, gather
from aerial_ops.analysis.export.layers import HECTARES, SHARES, MapLayers
from aerial_ops.analysis.report.file import write_whole
from aerial_ops.analysis.report.results import results_of
from aerial_ops.errors import DataError
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.storage.blobs import BlobStore


def export(
    source: BlobStore | Path,
    name: str,
    out: Path,
    formats: Sequence[Format] = tuple(Format),
    *,
    merged: bool = False,
    older: Path | None = None,
    classes: Path | None = None,
    reporter: Reporter = SILENT,
) -> dict[str, Any]:
    """Write the newest map of model `name` into the folder `out`, and tell, JSON-ready, what was written.

    `source` is the storage account or a folder of `aerial-ops download`. Where one scoring covers several years there is a map
    for each, and what changed from each to the next. With `merged` the GeoJSON holds connected areas of one class instead of
    tiles. `older` is a file of older labels, `classes` a class map for a raster of codes. Raises UsageError and DataError as
    `gather` does, ToolError when a format needs a package that is not installed, DataError when the tiles are no raster and
    one is needed, and AerialOpsError when a file cannot be written; files before it are then complete.
    """
    found = gather(results_of(source, reporter), name, older, classes)
    wanted = list(dict.fromkeys(formats))
    needed = Format.GEOTIFF in wanted or merged
    frames = {one.name: None if wanted == [Format.CSV] else _frame(one, needed=needed) for one in found.maps}
    changes, not_compared = _changes(name, found)
    written: list[Path] = []
    with reporter.task("Exporting", len(wanted), "formats") as task:
        for form in wanted:
            files = [map_files(one, frames[one.name], form, merged=merged) for one in found.maps]
            files += [change_files(one, frames[one.layers.name], form) for one in changes]
            for file, content in (pair for each in files for pair in each.items()):
                write_whole(out / file, content, "The map")
                written.append(out / file)
            task.advance()
    return {
        "name": name,
        "maps": [_map_told(one, frames[one.name]) for one in found.maps],
        "changes": [_change_told(one) for one in changes],
        "files": [str(path) for path in written],
        "notes": [*found.notes, *not_compared],
    }


def _frame(layers: MapLayers, *, needed: bool) -> Frame | None:
    try:
        return frame_of(layers.county)
    except DataError:
        if needed:
            raise
        return None


def _changes(name: str, found: Gathered) -> tuple[list[YearChange], list[str]]:
    """What changed from each year to the next, and sentences about years that cannot be compared."""
    changes, notes = [], []
    for (first, before), (second, after) in pairwise(zip(found.years, found.maps, strict=True)):
        try:
            changes.append(year_change(f"{name}_change_{first}_{second}", before, after, found.metrics))
        except DataError as error:
            notes.append(f"{first} and {second} are not compared. {error.message}")
    return changes, notes


def _map_told(layers: MapLayers, frame: Frame | None) -> dict[str, Any]:
    found = layers.development
    return {
        "map": layers.name,
        "run": layers.source["RUN"],
        "tiles": len(layers.county),
        "crs": frame.crs if frame else None,
        "newly_developed": {"places": len(found.clusters), "hectares": round(found.hectares, HECTARES)} if found else None,
    }


def _change_told(one: YearChange) -> dict[str, Any]:
    by_error = one.change.by_error
    return {
        "change": one.name,
        "places": len(one.places),
        "share": round(one.change.share, SHARES),
        "share_by_error": round(by_error.share, SHARES) if by_error else None,
    }
