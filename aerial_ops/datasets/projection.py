"""Reference systems: a ground grid in metres, extents in another system, and latitude and longitude."""

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from aerial_ops.datasets.raster import Bounds, Raster, rasterio_module
from aerial_ops.errors import DataError, ToolError

Floats = npt.NDArray[np.float64]

WGS84 = "EPSG:4326"
TRUE_SCALE = 0.02
"""A system is fit for a grid in metres when its scale is within 2 % of the ground's (Web Mercator's is not)."""


def ground_crs(raster: Raster) -> str:
    """The raster's own system when its unit is the metre on the ground, else the UTM zone of its centre (WGS84)."""
    pyproj = _pyproj()
    crs = pyproj.CRS.from_user_input(raster.crs)
    west, south, east, north = bounds_in(raster, WGS84)
    longitude, latitude = (west + east) / 2, (south + north) / 2
    if crs.is_projected and all(abs(axis.unit_conversion_factor - 1) < 1e-9 for axis in crs.axis_info[:2]):
        scale = pyproj.Proj(crs).get_factors(longitude, latitude)
        if max(abs(scale.meridional_scale - 1), abs(scale.parallel_scale - 1)) <= TRUE_SCALE:
            return raster.crs
    zone = min(int((longitude + 180) // 6) + 1, 60)
    return str(pyproj.CRS.from_epsg((32600 if latitude >= 0 else 32700) + zone).to_wkt())


def crs_name(crs: str) -> str:
    """EPSG:26914 and the like where the system is a known one, else its name."""
    found = _pyproj().CRS.from_user_input(crs)
    authority = found.to_authority()
    return ":".join(authority) if authority else str(found.name)


@lru_cache(maxsize=8192)
def bounds_in(raster: Raster, crs: str) -> Bounds:
    """The raster's extent in another CRS. Raises DataError when it has none there."""
    rasterio = rasterio_module()
    here, there = rasterio.CRS.from_user_input(raster.crs), rasterio.CRS.from_user_input(crs)
    if here == there:
        return raster.bounds
    found = tuple(rasterio.warp.transform_bounds(here, there, *raster.bounds))
    if not np.isfinite(found).all():
        raise DataError(f"{raster.file} lies where the grid's reference system does not reach.")
    return found


def transform(source: str, target: str, xs: Floats, ys: Floats) -> tuple[Floats, Floats]:
    """Points (x or longitude first) brought from one CRS to another; infinite where they cannot be."""
    if source == target:
        return xs, ys
    x, y = _transformer(source, target).transform(xs, ys)
    return np.asarray(x, np.float64), np.asarray(y, np.float64)


@lru_cache(maxsize=16)
def _transformer(source: str, target: str) -> Any:
    return _pyproj().Transformer.from_crs(source, target, always_xy=True)


def _pyproj() -> Any:
    try:
        import pyproj
    except ImportError as error:
        raise ToolError(
            "Places on the ground need pyproj, which is not installed.",
            suggestion='Install it with: pip install "aerial-ops[geo]"',
        ) from error
    return pyproj
