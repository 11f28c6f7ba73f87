"""Exports as GeoJSON (RFC 7946): longitude and latitude in WGS 84, seven decimals, which is a centimetre."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.areas import SQUARE_METRES_PER_HECTARE
from aerial_ops.analysis.clusters import Cluster
from aerial_ops.analysis.export.frame import Frame, sides
from aerial_ops.analysis.export.layers import DEGREES, HECTARES, SHARES, MapLayers, place_columns, tile_columns
from aerial_ops.analysis.export.outlines import Polygon, area_outlines, cut, tile_outlines
from aerial_ops.analysis.metrics import group_of
from aerial_ops.analysis.neighbours import connected
from aerial_ops.analysis.scores import ratio

PLACED = ("latitude", "longitude")
Geometry = list[Polygon]


def tiles_as_geojson(layers: MapLayers, frame: Frame | None) -> bytes:
    """A polygon a tile, with the columns of `tile_columns` as properties."""
    columns = {name: column for name, column in tile_columns(layers).items() if name not in PLACED}
    return _collection(_tile_shapes(layers, frame, np.arange(len(layers.county))), _rows(columns), f"{layers.name} tiles")


def areas_as_geojson(layers: MapLayers, frame: Frame, *, smoothed: bool = False) -> bytes:
    """A polygon for each connected area of one class: its class, tiles, hectares and mean confidence, the largest first."""
    county = layers.county
    labels = (county.smoothed if smoothed else county.raw).astype(np.int64)
    piece = _pieces(layers, labels)
    tiles = np.bincount(piece)
    hectares = np.bincount(piece, weights=county.area) / SQUARE_METRES_PER_HECTARE
    of_class = np.zeros(len(tiles), dtype=np.int64)
    of_class[piece] = labels
    confidence: list[float | None] = [None] * len(tiles)
    if layers.certainty is not None:
        known = ~np.isnan(layers.certainty)
        counts = np.bincount(piece[known], minlength=len(tiles))
        means = ratio(np.bincount(piece[known], weights=layers.certainty[known], minlength=len(tiles)), counts)
        confidence = [round(float(mean), SHARES) if count else None for mean, count in zip(means, counts, strict=True)]
    order = np.lexsort((np.arange(len(tiles)), -hectares))
    names = county.classes
    rows: Iterator[dict[str, Any]] = (
        {
            "class": names[of_class[i]],
            "group": group_of(names[of_class[i]]),
            "tiles": int(tiles[i]),
            "hectares": round(float(hectares[i]), HECTARES),
            "confidence": confidence[i],
        }
        for i in order
    )
    shapes = _area_shapes(layers, frame, np.arange(len(county)), piece, len(tiles))
    return _collection((shapes[i] for i in order), rows, f"{layers.name} areas")


def places_as_geojson(layers: MapLayers, places: Sequence[Cluster], frame: Frame | None, title: str) -> bytes:
    """Places of the map with the columns of `place_columns`; their tiles are merged where there is a frame."""
    tiles = np.concatenate([np.zeros(0, dtype=np.int64), *(place.tiles for place in places)])
    number = np.repeat(np.arange(len(places)), [len(place.tiles) for place in places])
    shapes = _area_shapes(layers, frame, tiles, number, len(places))
    columns = {name: column for name, column in place_columns(places).items() if name not in PLACED}
    return _collection(shapes, _rows(columns), title)


def _pieces(layers: MapLayers, labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """The connected area that each tile belongs to; tiles that share only a corner are not connected."""
    grid = layers.county.grid
    return connected(grid.rows + labels * (int(grid.rows.max()) + 2), grid.cols, corners=False)


def _tile_shapes(layers: MapLayers, frame: Frame | None, tiles: npt.NDArray[np.int64]) -> Iterator[Geometry]:
    rings = tile_outlines(layers.county, frame)[tiles]
    within = np.abs(rings[:, :, 0]).max(axis=1) <= 180
    return ([[ring]] if whole else [[part] for part in cut(ring)] for ring, whole in zip(rings, within, strict=True))


def _area_shapes(
    layers: MapLayers, frame: Frame | None, tiles: npt.NDArray[np.int64], number: npt.NDArray[np.int64], count: int
) -> list[Geometry]:
    """The geometry of each area 0 to `count` - 1; `number` says of each of `tiles` which one it is in.

    Tiles are merged, apart from those on the date line, which are cut there, and those whose cell another tile has. Without a
    frame no tiles are merged.
    """
    shapes: list[Geometry] = [[] for _ in range(count)]
    west, _, east, _ = (side[tiles] for side in sides(layers.county))
    beyond = np.where(east <= -180, -1, np.where(west >= 180, 1, 0))
    whole = (beyond != 0) | ((west >= -180) & (east <= 180))
    grid = layers.county.grid
    for side in (0, -1, 1):
        here = np.flatnonzero(whole & (beyond == side))
        if frame is not None and len(here):
            for at, polygons in area_outlines(frame, grid.rows[tiles[here]], grid.cols[tiles[here]], number[here]).items():
                shapes[at] += polygons
    drawn = np.array([bool(shape) for shape in shapes], dtype=np.bool_)
    alone = np.flatnonzero(~whole | ~drawn[number])
    for at, shape in zip(number[alone], _tile_shapes(layers, frame, tiles[alone]), strict=True):
        shapes[at] += shape
    return shapes


def _rows(columns: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    return (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))


def _collection(shapes: Iterable[Geometry], rows: Iterable[dict[str, Any]], name: str) -> bytes:
    """One feature a line."""
    written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    features = ",\n".join(
        f'{{"type":"Feature","properties":{written(row)},"geometry":{_geometry(shape)}}}'
        for shape, row in zip(shapes, rows, strict=True)
    )
    return f'{{"type":"FeatureCollection","name":{json.dumps(name)},"features":[\n{features}\n]}}\n'.encode()


def _geometry(polygons: Geometry) -> str:
    written = ["[" + ",".join(_ring(ring) for ring in polygon) + "]" for polygon in polygons]
    if len(written) == 1:
        return f'{{"type":"Polygon","coordinates":{written[0]}}}'
    return f'{{"type":"MultiPolygon","coordinates":[{",".join(written)}]}}'


def _ring(ring: npt.NDArray[np.float64]) -> str:
    return "[" + ",".join([f"[{x!r},{y!r}]" for x, y in np.round(ring, DEGREES).tolist()]) + "]"
