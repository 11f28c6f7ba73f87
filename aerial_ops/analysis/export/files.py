"""The files of a map and of a change in each format: name and content."""

from aerial_ops.analysis.export.changes import YearChange
from aerial_ops.analysis.export.formats import Format
from aerial_ops.analysis.export.frame import Frame
from aerial_ops.analysis.export.geojson import areas_as_geojson, places_as_geojson, tiles_as_geojson
from aerial_ops.analysis.export.geotiff import classes_as_geotiff, values_as_geotiff
from aerial_ops.analysis.export.layers import MapLayers, land_columns, place_columns, tile_columns
from aerial_ops.analysis.export.table import as_csv
from aerial_ops.analysis.palette import class_colours

Files = dict[str, bytes]
DEVELOPED = "newly_developed"


def map_files(layers: MapLayers, frame: Frame | None, form: Format, *, merged: bool) -> Files:
    """A map's files. GeoTIFF and merged GeoJSON need the frame."""
    name, found = layers.name, layers.development
    if form == Format.CSV:
        files = {f"{name}_tiles.csv": as_csv(tile_columns(layers)), f"{name}_land.csv": as_csv(land_columns(layers))}
        return files | ({f"{name}_{DEVELOPED}.csv": as_csv(place_columns(found.clusters))} if found else {})
    if form == Format.GEOJSON:
        if merged and frame:
            files = {f"{name}_areas.geojson": areas_as_geojson(layers, frame)}
        else:
            files = {f"{name}_tiles.geojson": tiles_as_geojson(layers, frame)}
        title = f"{name}_{DEVELOPED}"
        return files | ({f"{title}.geojson": places_as_geojson(layers, found.clusters, frame, title)} if found else {})
    return _map_rasters(layers, frame) if frame else {}


def change_files(one: YearChange, frame: Frame | None, form: Format) -> Files:
    """A change's files: the places that changed; as GeoTIFF the kind of change of every tile."""
    if form == Format.CSV:
        return {f"{one.name}.csv": as_csv(place_columns(one.places))}
    if form == Format.GEOJSON:
        return {f"{one.name}.geojson": places_as_geojson(one.layers, one.places, frame, one.name)}
    if frame is None:
        return {}
    colours = dict(zip(one.kinds, one.colours, strict=True))
    return _raster(one.name, *classes_as_geotiff(frame, one.layers.county, one.kind, colours, "change", one.layers.source))


def _map_rasters(layers: MapLayers, frame: Frame) -> Files:
    county, colours = layers.county, class_colours(layers.county.classes)
    files: Files = {}
    for kind, labels in (("classes", county.raw), ("smoothed", county.smoothed)):
        files |= _raster(f"{layers.name}_{kind}", *classes_as_geotiff(frame, county, labels, colours, kind, layers.source))
    if layers.certainty is not None:
        sure = values_as_geotiff(frame, county, layers.certainty, "confidence", layers.source)
        files[f"{layers.name}_confidence.tif"] = sure
    return files


def _raster(name: str, content: bytes, names: bytes) -> Files:
    return {f"{name}.tif": content, f"{name}.tif.aux.xml": names}
