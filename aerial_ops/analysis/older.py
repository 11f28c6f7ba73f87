"""Older labels of a county's tiles: from a table, or straight from a raster of land-cover codes."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.county import County
from aerial_ops.analysis.tables import read_labels
from aerial_ops.errors import DataError, UsageError

POINTS = 9
"""Points a side that are looked at in each tile."""
SHARE = 0.5
"""A tile has a label when at least so many of its points are of one class."""
TABLES = (".csv", ".txt")
NONE = -1
BAND = 512
"""Rows of the raster that are read together."""

Floats = npt.NDArray[np.float64]


def older_labels(path: Path, county: County, classes: Path | None = None) -> dict[str, str]:
    """Labels by tile name, from a CSV file (filename, label) or a GeoTIFF of codes, such as NLCD's.

    `classes` is a TOML file that says which codes are which class; without it NLCD's are taken, open water included. Raises
    UsageError when there is no such file, DataError when it cannot be read or lies elsewhere.
    """
    if not path.is_file():
        raise UsageError(f"There is no file {path}.", suggestion="Give a CSV file (filename,label) or a GeoTIFF of codes.")
    if path.suffix.lower() in TABLES:
        labels = read_labels(path.read_bytes(), str(path))
        if not (county.indices(dict.fromkeys(labels, county.classes[0])) >= 0).any():
            raise DataError(f"None of the tiles named in {path} is on the map.", suggestion="The column filename must match.")
        return labels
    return _from_raster(path, county, classes)


def _from_raster(path: Path, county: County, classes: Path | None) -> dict[str, str]:
    from aerial_ops.datasets.classes import class_map
    from aerial_ops.datasets.files import LocalFile
    from aerial_ops.datasets.labels import open_labels

    raster = open_labels(LocalFile(path))
    kinds = class_map(classes, water=classes is None)
    codes, there = _codes(path, *_points(county, raster.crs))
    if not there.any():
        raise DataError(f"The labels {path} do not cover any tile of the map.", suggestion="Give labels of the same place.")
    if raster.nodata is not None:
        there &= codes != raster.nodata
    found = np.where(there, kinds.indices(codes), NONE).astype(np.int64)
    best, share = _most(found.reshape(len(county), -1), len(kinds.names))
    return {name: kinds.names[k] for name, k, part in zip(county.places.names, best, share, strict=True) if part >= SHARE}


def _points(county: County, crs: str) -> tuple[Floats, Floats]:
    """x and y in `crs` of POINTS x POINTS points in each tile."""
    from aerial_ops.datasets.projection import WGS84, transform

    places, shares = county.places, (np.arange(POINTS) + 0.5) / POINTS
    east = places.west[:, None] + (places.east - places.west)[:, None] * shares
    north = places.south[:, None] + (places.north - places.south)[:, None] * shares
    longitude, latitude = np.broadcast_arrays(east[:, None, :], north[:, :, None])
    return transform(WGS84, crs, longitude.ravel(), latitude.ravel())


def _codes(path: Path, x: Floats, y: Floats) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """The codes of the pixels that the points lie in, and whether a point is within the raster; [POINTS]."""
    from aerial_ops.datasets.raster import rasterio_module

    rasterio = rasterio_module()
    codes = np.zeros(len(x), dtype=np.uint8)
    try:
        with rasterio.open(path) as source:
            back = ~source.transform
            with np.errstate(invalid="ignore"):
                col, row = np.floor(back.a * x + back.b * y + back.c), np.floor(back.d * x + back.e * y + back.f)
                there = (col >= 0) & (col < source.width) & (row >= 0) & (row < source.height)
            order = np.flatnonzero(there)[np.argsort(row[there], kind="stable")]
            for band in np.split(order, np.flatnonzero(np.diff(row[order] // BAND)) + 1) if len(order) else ():
                i, j = col[band].astype(np.int64), row[band].astype(np.int64)
                left, top = int(i.min()), int(j.min())
                window = rasterio.windows.Window(left, top, int(i.max()) - left + 1, int(j.max()) - top + 1)
                codes[band] = source.read(1, window=window)[j - top, i - left]
    except rasterio.errors.RasterioIOError as error:
        raise DataError(f"The labels {path} are damaged: {error}.", suggestion="Get the file again.") from error
    return codes, there


def _most(found: npt.NDArray[np.int64], kinds: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """The most frequent class of each row, and its share of all points; -1 is no class."""
    tiles, points = found.shape
    at = np.arange(tiles)[:, None] * (kinds + 1) + found + 1
    counts = np.bincount(at.ravel(), minlength=tiles * (kinds + 1)).reshape(tiles, kinds + 1)[:, 1:]
    return counts.argmax(axis=1), counts.max(axis=1) / points
