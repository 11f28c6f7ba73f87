"""Writing a map for other programs: which files there are, and that each is there as a whole or not at all."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aerial_ops.analysis.export.formats import Format
from aerial_ops.analysis.export.frame import Frame, frame_of
from aerial_ops.analysis.export.gathering import gather
from aerial_ops.analysis.export.geojson import areas_as_geojson, places_as_geojson, tiles_as_geojson
from aerial_ops.analysis.export.geotiff import classes_as_geotiff, values_as_geotiff
from aerial_ops.analysis.export.layers import HECTARES, MapLayers, place_columns, tile_columns
from aerial_ops.analysis.export.table import as_csv
from aerial_ops.analysis.report.file import write_whole
from aerial_ops.analysis.report.results import results_of
from aerial_ops.errors import DataError
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.storage.blobs import BlobStore

Files = dict[str, bytes]


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

    `source` is the storage account or a folder of `aerial-ops download`. With `merged` the GeoJSON holds connected areas of one
    class instead of tiles. `older` is a file of older labels, `classes` a class map for a raster of codes. Raises UsageError
    and DataError as `gather` does, ToolError when a format needs a package that is not installed, DataError when the tiles
    are no raster and one is needed, and AerialOpsError when a file cannot be written; files before it are then complete.
    """
    maps, notes = gather(results_of(source, reporter), name, older, classes)
    wanted = list(dict.fromkeys(formats))
    frames = [None if wanted == [Format.CSV] else _frame(layers, needed=Format.GEOTIFF in wanted or merged) for layers in maps]
    written: list[Path] = []
    with reporter.task("Exporting", len(maps) * len(wanted), "files") as task:
        for layers, frame in zip(maps, frames, strict=True):
            for form in wanted:
                for file, content in _files(layers, frame, form, merged=merged).items():
                    write_whole(out / file, content, "The map")
                    written.append(out / file)
                task.advance()
    return {
        "name": name,
        "maps": [_told(layers, frame) for layers, frame in zip(maps, frames, strict=True)],
        "files": [str(path) for path in written],
        "notes": notes,
    }


def _told(layers: MapLayers, frame: Frame | None) -> dict[str, Any]:
    found = layers.development
    return {
        "map": layers.name,
        "run": layers.source["RUN"],
        "tiles": len(layers.county),
        "crs": frame.crs if frame else None,
        "newly_developed": {"places": len(found.clusters), "hectares": round(found.hectares, HECTARES)} if found else None,
    }


def _frame(layers: MapLayers, *, needed: bool) -> Frame | None:
    try:
        return frame_of(layers.county)
    except DataError:
        if needed:
            raise
        return None


def _files(layers: MapLayers, frame: Frame | None, form: Format, *, merged: bool) -> Files:
    if form == Format.CSV:
        return _csv(layers)
    if form == Format.GEOJSON:
        return _geojson(layers, frame if merged else None, frame)
    return _geotiff(layers, frame) if frame else {}


def _csv(layers: MapLayers) -> Files:
    files = {f"{layers.name}_tiles.csv": as_csv(tile_columns(layers))}
    if layers.development is not None:
        files[f"{layers.name}_newly_developed.csv"] = as_csv(place_columns(layers.development))
    return files


def _geojson(layers: MapLayers, merge_in: Frame | None, frame: Frame | None) -> Files:
    if merge_in:
        files = {f"{layers.name}_areas.geojson": areas_as_geojson(layers, merge_in)}
    else:
        files = {f"{layers.name}_tiles.geojson": tiles_as_geojson(layers, frame)}
    if layers.development is not None:
        files[f"{layers.name}_newly_developed.geojson"] = places_as_geojson(layers, layers.development, frame)
    return files


def _geotiff(layers: MapLayers, frame: Frame) -> Files:
    county, files = layers.county, {}
    for kind, labels in (("classes", county.raw), ("smoothed", county.smoothed)):
        file = f"{layers.name}_{kind}.tif"
        files[file], files[f"{file}.aux.xml"] = classes_as_geotiff(frame, county, labels, kind, layers.source)
    if layers.certainty is not None:
        what = "confidence"
        files[f"{layers.name}_{what}.tif"] = values_as_geotiff(frame, county, layers.certainty, what, layers.source)
    return files
