"""Reading pixels: a window of a raster onto a target grid, whatever the raster's reference system and resolution."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from aerial_ops.datasets.raster import Bounds, Raster, rasterio_module, with_opened

EDGE = 4
"""Pixels read beyond a target's edge, for interpolation."""
FINER = 1.5
"""From so many source pixels to a target pixel on, they are averaged."""


@dataclass(frozen=True)
class Target:
    """Where pixels are wanted: a north-up rectangle of `width` x `height` square pixels of `pixel` units in `crs`."""

    crs: str
    left: float
    top: float
    pixel: float
    width: int
    height: int

    @property
    def bounds(self) -> Bounds:
        """Extent in the target's CRS."""
        return self.left, self.top - self.height * self.pixel, self.left + self.width * self.pixel, self.top


def read_onto(raster: Raster, bands: Sequence[int], target: Target) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """Bands of `raster` on the grid of `target`: uint8 [BANDS, H, W], and where there is data: bool [H, W].

    Only the window that the target needs is read. Where the raster has the target's CRS and pixel size, each pixel is the
    nearest one, as it was taken; else finer pixels are averaged and coarser ones interpolated (cubic).
    No data: the declared value in all of `bands`, a real mask (alpha band of 0 and 255 only), zero in all bands, and outside.
    """
    return with_opened(raster.file, lambda source: _read(source, raster, list(bands), target))


def _read(source: Any, raster: Raster, bands: list[int], target: Target) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    rasterio = rasterio_module()
    picture = np.zeros((len(bands), target.height, target.width), np.uint8)
    there = np.zeros((target.height, target.width), np.uint8)
    crs = rasterio.CRS.from_user_input(target.crs)
    window = _source_window(source, crs, target)
    if window is None:
        return picture, there.astype(np.bool_)
    found = source.read(bands, window=window)
    valid = _valid(source, raster, found, window)
    if not valid.any():
        return picture, there.astype(np.bool_)
    place: dict[str, Any] = {
        "src_transform": source.window_transform(window),
        "src_crs": source.crs,
        "dst_transform": rasterio.transform.from_origin(target.left, target.top, target.pixel, target.pixel),
        "dst_crs": crs,
    }
    same_grid = source.crs == crs and all(abs(side - target.pixel) < 0.001 * target.pixel for side in raster.pixel)
    how = _resampling(pixels_across(raster, target) / target.width, same_grid=same_grid)
    rasterio.warp.reproject(found, picture, resampling=how, **place)
    rasterio.warp.reproject(valid.astype(np.uint8), there, resampling=rasterio.enums.Resampling.nearest, **place)
    return picture, there.astype(np.bool_)


def pixels_across(raster: Raster, target: Target) -> float:
    """How many of the raster's pixels the target's width spans."""
    rasterio = rasterio_module()
    middle = target.top - target.height * target.pixel / 2
    ends = [target.left, target.left + target.width * target.pixel]
    (x0, x1), (y0, y1) = rasterio.warp.transform(target.crs, raster.crs, ends, [middle, middle])
    a, b, _, d, e, _ = raster.transform
    area = abs(a * e - b * d)
    return float(np.hypot((e * (x1 - x0) - b * (y1 - y0)) / area, (a * (y1 - y0) - d * (x1 - x0)) / area))


def _source_window(source: Any, crs: Any, target: Target) -> Any:
    """The part of `source` that `target` needs, or None."""
    rasterio = rasterio_module()
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
    how = rasterio_module().enums.Resampling
    if same_grid:
        return how.nearest
    return how.average if ratio > FINER else how.cubic
