"""The raster adapter: opens and describes rasters; reading.py reads pixels. Besides the exports the only importer of rasterio."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import hypot
from types import ModuleType
from typing import Any, TypeVar

from aerial_ops.datasets.files import RasterFile
from aerial_ops.errors import DataError, ToolError, redacted

Result = TypeVar("Result")

Bounds = tuple[float, float, float, float]
"""Left, bottom, right, top."""
CACHE_MB = 64
"""GDAL keeps at most so many megabytes of decoded blocks, whatever the size of the scenes."""


@dataclass(frozen=True)
class Raster:
    """What a raster says of itself. `transform` is the affine (a, b, c, d, e, f); `crs` is WKT."""

    file: RasterFile
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


def describe(file: RasterFile, *, date: str = "") -> Raster:
    """Read what `file` says of itself; `date` is used where the file has none.

    Raises UsageError when it is missing, DataError when it is no georeferenced raster.
    """
    return with_opened(file, lambda source: _described(file, source, date))


def _described(file: RasterFile, source: Any, date: str) -> Raster:
    if source.crs is None:
        raise DataError(
            f"{file} has no coordinate reference system, so nobody knows where it lies.",
            suggestion=f"If you know it, write it into a copy, for instance with: gdal_edit.py -a_srs EPSG:26914 {file.name}",
        )
    if source.transform.is_identity:
        raise DataError(f"{file} has no georeference (its pixels have no coordinates).")
    return Raster(
        file=file,
        crs=source.crs.to_wkt(),
        transform=tuple(source.transform)[:6],
        width=source.width,
        height=source.height,
        dtypes=tuple(source.dtypes),
        colours=tuple(colour.name for colour in source.colorinterp),
        nodata=source.nodata,
        date=_date(file, source.tags().get("TIFFTAG_DATETIME", "")) or date,
    )


def with_opened(file: RasterFile, work: Callable[[Any], Result]) -> Result:
    """What `work` makes of the open dataset. Whatever GDAL says against it is the file's own error.

    When the file's address was refused and has been renewed, `work` is done once more.
    """
    rasterio = rasterio_module()
    with rasterio.Env(GDAL_CACHEMAX=CACHE_MB, **file.options()):
        for first in (True, False):
            address = file.address()
            try:
                with rasterio.open(address) as source:
                    return work(source)
            except rasterio.errors.RasterioIOError as error:
                if not (first and file.renewed(address)):
                    raise file.unreadable(_first_line(error)) from error
    raise AssertionError("the second time returns or raises")


def rasterio_module() -> ModuleType:
    """Rasterio with the parts that are used. Raises ToolError when it is not installed."""
    try:
        import rasterio
        import rasterio.enums
        import rasterio.errors
        import rasterio.transform
        import rasterio.warp
        import rasterio.windows
    except ImportError as error:
        raise ToolError(
            "Reading and writing rasters needs rasterio, which is not installed.",
            suggestion='Install it with: pip install "aerial-ops[geo]"',
        ) from error
    module: ModuleType = rasterio
    return module


def _date(file: RasterFile, tag: str) -> str:
    in_name = re.search(r"(?<!\d)(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)", file.name)
    in_tag = re.match(r"(\d{4}):(\d{2}):(\d{2})", tag)
    return in_name[0] if in_name else "".join(in_tag.groups()) if in_tag else ""


def _first_line(error: Exception) -> str:
    text = redacted(str(error)).strip()
    return text.splitlines()[0].rstrip(".") if text else type(error).__name__
