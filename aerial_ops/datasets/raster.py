"""The raster adapter: the only importer of rasterio. Rasters are described once and read onto a target grid."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import hypot
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from aerial_ops.errors import DataError, ToolError, UsageError

Bounds = tuple[float, float, float, float]
"""Left, bottom, right, top."""
EDGE = 4
"""Pixels read beyond a target's edge, for interpolation."""


@dataclass(frozen=True)
class Raster:
    """What a raster file says of itself. `transform` is the affine (a, b, c, d, e, f); `crs` is WKT."""

    path: Path
    crs: str
    transform: tuple[float, float, float, float, float, float]
    width: int
    height: int
    dtypes: tuple[str, ...]
    colours: tuple[str, ...]
    nodata: float | None
    date: str
    """YYYYMMDD from the file's name or its date tag; empty when neither has one."""

    @property
    def pixel(self) -> tuple[float, float]:
        """A pixel's width and height in the CRS's units."""
        a, b, _, d, e, _ = self.transform
        return hypot(a, d), hypot(b, e)

    @property
    def bounds(self) -> Bounds:
        """Extent in the raster's own CRS."""
        a, b, c, d, e, f = self.transform
        xs = [c + a * x + b * y for x in (0, self.width) for y in (0, self.height)]
        ys = [f + d * x + e * y for x in (0, self.width) for y in (0, self.height)]
        return min(xs), min(ys), max(xs), max(ys)


@dataclass(frozen=True)
class Target:
    """Where pixels are wanted: a north-up rectangle of `width` x `height` pixels in `crs`."""

    crs: str
    left: float
    top: float
    pixel: tuple[float, float]
    width: int
    height: int

    @property
    def bounds(self) -> Bounds:
        """Extent in the target's CRS."""
        return self.left, self.top - self.height * self.pixel[1], self.left + self.width * self.pixel[0], self.top


def describe(path: Path) -> Raster:
    """Read what `path` says of itself. Raises UsageError when it is missing, DataError when it is no georeferenced raster."""
    with _open(path) as source:
        if source.crs is None:
            raise DataError(
                f"{path} has no coordinate reference system, so nobody knows where it lies.",
                suggestion=f"If you know it, write it into a copy, for instance with: gdal_edit.py -a_srs EPSG:26914 {path.name}",
            )
        if source.transform.is_identity:
            raise DataError(f"{path} has no georeference (its pixels have no coordinates).")
        return Raster(
            path=path,
            crs=source.crs.to_wkt(),
            transform=tuple(source.transform)[:6],
            width=source.width,
            height=source.height,
            dtypes=tuple(source.dtypes),
            colours=tuple(colour.name for colour in source.colorinterp),
            nodata=source.nodata,
            date=_date(path, source.tags().get("TIFFTAG_DATETIME", "")),
        )


def read_onto(
    raster: Raster, bands: Sequence[int], target: Target, *, categories: bool = False
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """Bands of `raster` on the grid of `target`: uint8 [BANDS, H, W], and where there is data: bool [H, W].

    Categories are taken from the nearest pixel. Colours too when the raster has the target's CRS and pixel size (so that they
    stay as they were taken), else they are averaged from finer pixels or interpolated from coarser ones.
    No data: the declared value in all of `bands`, a real mask (alpha band of 0 and 255 only), zero in all bands, and outside.
    """
    rasterio = _rasterio()
    picture = np.zeros((len(bands), target.height, target.width), np.uint8)
    there = np.zeros((target.height, target.width), np.uint8)
    with _open(raster.path) as source:
        crs = rasterio.CRS.from_user_input(target.crs)
        window = _source_window(source, crs, target)
        if window is None:
            return picture, there.astype(np.bool_)
        try:
            found = source.read(list(bands), window=window)
            valid = _valid(source, raster, found, window)
        except rasterio.errors.RasterioIOError as error:
            raise DataError(
                f"{raster.path} is damaged: {_first_line(error)}.",
                suggestion="Get the file again and run the same command again.",
            ) from error
        place: dict[str, Any] = {
            "src_transform": source.window_transform(window),
            "src_crs": source.crs,
            "dst_transform": rasterio.transform.from_origin(target.left, target.top, *target.pixel),
            "dst_crs": crs,
        }
        ratio = window.width / (target.width + 2 * EDGE)
        how = _resampling(ratio, same_grid=categories or (source.crs == crs and _alike(raster.pixel, target.pixel)))
        rasterio.warp.reproject(found, picture, resampling=how, **place)
        rasterio.warp.reproject(valid.astype(np.uint8), there, resampling=rasterio.enums.Resampling.nearest, **place)
    return picture, there.astype(np.bool_)


def bounds_in(raster: Raster, crs: str) -> Bounds:
    """The raster's extent in another CRS."""
    rasterio = _rasterio()
    here, there = rasterio.CRS.from_user_input(raster.crs), rasterio.CRS.from_user_input(crs)
    return raster.bounds if here == there else tuple(rasterio.warp.transform_bounds(here, there, *raster.bounds))


def to_wgs84(crs: str, xs: Sequence[float], ys: Sequence[float]) -> tuple[list[float], list[float]]:
    """Longitudes and latitudes (degrees, WGS84) of points in `crs`."""
    rasterio = _rasterio()
    longitudes, latitudes = rasterio.warp.transform(rasterio.CRS.from_user_input(crs), "EPSG:4326", xs, ys)
    return list(longitudes), list(latitudes)


def _rasterio() -> ModuleType:
    try:
        import rasterio
        import rasterio.enums
        import rasterio.errors
        import rasterio.transform
        import rasterio.warp
        import rasterio.windows
    except ImportError as error:
        raise ToolError(
            "Cutting tiles from imagery needs rasterio, which is not installed.",
            suggestion='Install it with: pip install "aerial-ops[geo]"',
        ) from error
    module: ModuleType = rasterio
    return module


@contextmanager
def _open(path: Path) -> Iterator[Any]:
    rasterio = _rasterio()
    if not path.is_file():
        raise UsageError(f"The raster {path} does not exist.", suggestion="Check the path.")
    try:
        source = rasterio.open(path)
    except rasterio.errors.RasterioIOError as error:
        raise DataError(
            f"{path} is not a raster that can be read: {_first_line(error)}.", suggestion="Give a GeoTIFF, or get the file again."
        ) from error
    with source:
        yield source


def _source_window(source: Any, crs: Any, target: Target) -> Any:
    """The part of `source` that `target` needs, or None."""
    rasterio = _rasterio()
    bounds = target.bounds if source.crs == crs else rasterio.warp.transform_bounds(crs, source.crs, *target.bounds)
    back = ~source.transform
    corners = [(x, y) for x in bounds[::2] for y in bounds[1::2]]
    across = [back.a * x + back.b * y + back.c for x, y in corners]
    down = [back.d * x + back.e * y + back.f for x, y in corners]
    left, right = max(int(min(across)) - EDGE, 0), min(int(max(across)) + 1 + EDGE, source.width)
    top, bottom = max(int(min(down)) - EDGE, 0), min(int(max(down)) + 1 + EDGE, source.height)
    return rasterio.windows.Window(left, top, right - left, bottom - top) if right > left and bottom > top else None


def _valid(source: Any, raster: Raster, found: npt.NDArray[np.uint8], window: Any) -> npt.NDArray[np.bool_]:
    valid = np.any(found != 0, axis=0)
    if raster.nodata is not None:
        valid &= np.any(found != raster.nodata, axis=0)
    if "alpha" in raster.colours:
        # Four-band NAIP is often tagged as if its infrared band were alpha; a mask holds 0 and 255 only.
        alpha = source.read(raster.colours.index("alpha") + 1, window=window)
        if np.isin(alpha, (0, 255)).all():
            valid &= alpha > 0
    return np.asarray(valid, np.bool_)


def _resampling(ratio: float, *, same_grid: bool) -> Any:
    how = _rasterio().enums.Resampling
    if same_grid:
        return how.nearest
    return how.average if ratio > 1.5 else how.bilinear


def _alike(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return all(abs(x - y) < 0.001 * y for x, y in zip(a, b, strict=True))


def _date(path: Path, tag: str) -> str:
    in_name = re.search(r"(?<!\d)(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)", path.stem)
    in_tag = re.match(r"(\d{4}):(\d{2}):(\d{2})", tag)
    return in_name[0] if in_name else "".join(in_tag.groups()) if in_tag else ""


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
