"""The grid of tiles: one for all scenes of a set, so that a row and column mean the same place in every year."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from aerial_ops.datasets.raster import Bounds, Raster, Target, bounds_in, to_wgs84
from aerial_ops.errors import DataError

SLACK = 0.01
"""Share of a tile that may lie outside of a scene at its edge."""


@dataclass(frozen=True)
class Grid:
    """Square tiles of `tile_pixels` pixels, north up, in `crs`; row 0, column 0 is the upper-left tile."""

    crs: str
    left: float
    top: float
    pixel: tuple[float, float]
    tile_pixels: int
    rows: int
    columns: int

    def row(self, number: int, first: int, last: int) -> Target:
        """The rectangle of tiles `first` to `last` (included) of a row."""
        width, height = self._tile
        left, top = self.left + first * width, self.top - number * height
        return Target(self.crs, left, top, self.pixel, (last - first + 1) * self.tile_pixels, self.tile_pixels)

    def covered(self, raster: Raster) -> tuple[range, range]:
        """Rows and columns of the tiles that lie within the raster's extent."""
        rows, columns = _whole_tiles(bounds_in(raster, self.crs), self.left, self.top, self._tile)
        return range(max(rows[0], 0), min(rows[1], self.rows - 1) + 1), range(
            max(columns[0], 0), min(columns[1], self.columns - 1) + 1
        )

    def corners(self, places: Sequence[tuple[int, int]]) -> list[tuple[float, float, float, float]]:
        """For each (row, column): lower-left latitude and longitude, upper-right latitude and longitude (WGS84)."""
        width, height = self._tile
        xs = [self.left + (column + right) * width for right in (0, 1) for _, column in places]
        ys = [self.top - (row + lower) * height for lower in (1, 0) for row, _ in places]
        longitudes, latitudes = to_wgs84(self.crs, xs, ys)
        n = len(places)
        return [(latitudes[k], longitudes[k], latitudes[n + k], longitudes[n + k]) for k in range(n)]

    @property
    def _tile(self) -> tuple[float, float]:
        return self.pixel[0] * self.tile_pixels, self.pixel[1] * self.tile_pixels


def common_grid(rasters: Sequence[Raster], tile_pixels: int) -> Grid:
    """The grid for all `rasters`, in the CRS and with the pixels of the first.

    It starts at the upper-left corner of what they have in common, so that scenes whose corners differ by a few metres lose
    nothing; when they have nothing in common, at the first one's.
    """
    first = rasters[0]
    extents = [bounds_in(raster, first.crs) for raster in rasters]
    left, top = max(extent[0] for extent in extents), min(extent[3] for extent in extents)
    if left >= min(extent[2] for extent in extents) or top <= max(extent[1] for extent in extents):
        left, _, _, top = extents[0]
    tile = (first.pixel[0] * tile_pixels, first.pixel[1] * tile_pixels)
    spans = [_whole_tiles(extent, left, top, tile) for extent in extents]
    for raster, (rows, columns) in zip(rasters, spans, strict=True):
        if rows[1] < rows[0] or columns[1] < columns[0]:
            raise DataError(
                f"{raster.path} is smaller than one tile of {tile_pixels} pixels.", suggestion="Choose a smaller --tile-pixels."
            )
    row0, column0 = min(rows[0] for rows, _ in spans), min(columns[0] for _, columns in spans)
    row1, column1 = max(rows[1] for rows, _ in spans), max(columns[1] for _, columns in spans)
    return Grid(
        crs=first.crs,
        left=left + column0 * tile[0],
        top=top - row0 * tile[1],
        pixel=first.pixel,
        tile_pixels=tile_pixels,
        rows=row1 - row0 + 1,
        columns=column1 - column0 + 1,
    )


def _whole_tiles(extent: Bounds, left: float, top: float, tile: tuple[float, float]) -> tuple[tuple[int, int], tuple[int, int]]:
    """First and last row, first and last column of the tiles that lie within `extent` but for SLACK."""
    width, height = tile
    columns = ceil((extent[0] - left) / width - SLACK), floor((extent[2] - left) / width + SLACK) - 1
    rows = ceil((top - extent[3]) / height - SLACK), floor((top - extent[1]) / height + SLACK) - 1
    return rows, columns
