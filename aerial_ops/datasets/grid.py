"""The grid of tiles: one for all scenes of a set, so that a row and column mean the same place in every year."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, floor

import numpy as np
import numpy.typing as npt

from aerial_ops.datasets.projection import WGS84, bounds_in, ground_crs, transform
from aerial_ops.datasets.raster import Bounds
from aerial_ops.datasets.reading import Target
from aerial_ops.datasets.scenes import Layer
from aerial_ops.errors import DataError, UsageError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SLACK = 0.01
"""Share of a tile that may lie outside of a scene at its edge."""
MOST_PLACES = 20_000_000


@dataclass(frozen=True)
class Tiling:
    """How the ground is divided: square tiles of `metres`, written with `pixels` a side; neighbours share `overlap` of a side."""

    metres: float = 224.0
    pixels: int = 224
    overlap: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.metres < 1e6:
            raise UsageError(f"A tile of {self.metres:g} m is not possible.", suggestion="The usual size is --tile-metres 224.")
        if not 8 <= self.pixels <= 4096:
            raise UsageError(f"A tile of {self.pixels} pixels is not possible.", suggestion="Give --tile-pixels 8 to 4096.")
        if not 0 <= self.overlap <= 0.9:
            raise UsageError(f"The overlap is {self.overlap:g}; it is a share from 0 to 0.9 of a tile's side.")


@dataclass(frozen=True)
class Grid:
    """Square tiles, north up, in `crs` (metres); row 0, column 0 is the upper-left one.

    `tile` is a tile's side in metres and `side` in pixels; from a tile to the next are `stride` pixels.
    """

    crs: str
    left: float
    top: float
    tile: float
    side: int
    stride: int
    rows: int
    columns: int
    area: Bounds | None = None
    """West, south, east, north in degrees: only tiles whose centre lies within are made."""

    @property
    def pixel(self) -> float:
        """A pixel's side in metres."""
        return self.tile / self.side

    @property
    def step(self) -> float:
        """Metres from a tile to the next."""
        return self.stride * self.pixel

    def target(self, rows: range, columns: range) -> Target:
        """The rectangle that a block of tiles covers; tile (r, c) of it begins at pixel ((r - rows[0]) * stride, ...)."""
        height, width = ((len(span) - 1) * self.stride + self.side for span in (rows, columns))
        return Target(self.crs, self.left + columns[0] * self.step, self.top - rows[0] * self.step, self.pixel, width, height)

    def points(self, rows: Ints, columns: Ints, across: Floats) -> tuple[Floats, Floats]:
        """Coordinates [TILES, N, N] of a lattice in each tile; `across` [N]: shares of the side, from the upper left."""
        xs = self.left + columns[:, None, None] * self.step + across[None, None, :] * self.tile
        ys = self.top - rows[:, None, None] * self.step - across[None, :, None] * self.tile
        shape = (len(rows), len(across), len(across))
        return np.broadcast_to(xs, shape), np.broadcast_to(ys, shape)

    def corners(self, rows: Ints, columns: Ints) -> Floats:
        """[TILES, 4]: lower-left latitude and longitude, upper-right latitude and longitude (degrees, WGS84)."""
        west, south = self.left + columns * self.step, self.top - rows * self.step - self.tile
        longitudes, latitudes = transform(
            self.crs, WGS84, np.concatenate([west, west + self.tile]), np.concatenate([south, south + self.tile])
        )
        n = len(rows)
        return np.stack([latitudes[:n], longitudes[:n], latitudes[n:], longitudes[n:]], axis=1)

    def main_scenes(self, layer: Layer) -> npt.NDArray[np.int16]:
        """[ROWS, COLUMNS]: which scene of the layer a tile is named after, -1 where the layer does not cover it.

        The first scene that holds the whole tile; else, where several hold it together, the first that holds its centre.
        """
        probes = np.array([[SLACK, SLACK], [SLACK, 1 - SLACK], [1 - SLACK, SLACK], [1 - SLACK, 1 - SLACK], [0.5, 0.5]])
        xs = self.left + np.arange(self.columns)[:, None] * self.step + probes[:, 0] * self.tile
        ys = self.top - np.arange(self.rows)[:, None] * self.step - probes[:, 1] * self.tile
        covered = np.zeros((self.rows, self.columns, len(probes)), np.bool_)
        whole = np.full((self.rows, self.columns), -1, np.int16)
        centre = whole.copy()
        for index, scene in enumerate(layer.scenes):
            west, south, east, north = bounds_in(scene.raster, self.crs)
            inside = ((ys > south) & (ys < north))[:, None, :] & ((xs > west) & (xs < east))[None, :, :]
            covered |= inside
            whole[(whole < 0) & inside.all(axis=2)] = index
            centre[(centre < 0) & inside[:, :, -1]] = index
        wanted = covered.all(axis=2) & self._in_area()
        return np.where(wanted, np.where(whole >= 0, whole, centre), -1).astype(np.int16)

    def _in_area(self) -> npt.NDArray[np.bool_]:
        """[ROWS, COLUMNS]: whether a tile's centre lies in the area."""
        if self.area is None:
            return np.ones((self.rows, self.columns), np.bool_)
        rows, columns = (axis.ravel() for axis in np.mgrid[: self.rows, : self.columns])
        xs, ys = self.points(rows, columns, np.array([0.5]))
        longitude, latitude = transform(self.crs, WGS84, xs.ravel(), ys.ravel())
        west, south, east, north = self.area
        inside = (longitude >= west) & (longitude <= east) & (latitude >= south) & (latitude <= north)
        return np.asarray(inside.reshape(self.rows, self.columns), np.bool_)

    def without_overlap(self) -> "Grid":
        """The same ground, each place once."""
        span = (self.rows - 1) * self.step + self.tile, (self.columns - 1) * self.step + self.tile
        rows, columns = (floor(length / self.tile + SLACK) for length in span)
        return replace(self, stride=self.side, rows=rows, columns=columns)


def common_grid(layers: Sequence[Layer], tiling: Tiling, area: Bounds | None = None) -> Grid:
    """The grid for all `layers`, in the ground system of the first scene.

    It starts at the upper-left corner of what the layers have in common, so that years whose corners differ by a few metres
    lose nothing; when they have nothing in common, at the first one's. Raises DataError when a layer is smaller than a tile.
    """
    crs = ground_crs(layers[0].scenes[0].raster)
    extents = [_extent(layer, crs) for layer in layers]
    left, top = max(extent[0] for extent in extents), min(extent[3] for extent in extents)
    if left >= min(extent[2] for extent in extents) or top <= max(extent[1] for extent in extents):
        left, _, _, top = extents[0]
    stride = max(round(tiling.pixels * (1 - tiling.overlap)), 1)
    step = stride * tiling.metres / tiling.pixels
    spans = [_whole_tiles(extent, left, top, tiling.metres, step) for extent in extents]
    for layer, (rows, columns) in zip(layers, spans, strict=True):
        if rows[1] < rows[0] or columns[1] < columns[0]:
            raise DataError(
                f"{layer.scenes[0].raster.file} is smaller than one tile of {tiling.metres:g} m.",
                suggestion="Choose a smaller --tile-metres.",
            )
    row0, column0 = min(rows[0] for rows, _ in spans), min(columns[0] for _, columns in spans)
    height, width = max(rows[1] for rows, _ in spans) - row0 + 1, max(columns[1] for _, columns in spans) - column0 + 1
    if height * width > MOST_PLACES:
        raise DataError(
            f"The scenes lie {height:,} x {width:,} tiles apart; at most {MOST_PLACES:,} places are possible.",
            suggestion="Build distant scenes into sets of their own.",
        )
    return Grid(crs, left + column0 * step, top - row0 * step, tiling.metres, tiling.pixels, stride, height, width, area)


def _extent(layer: Layer, crs: str) -> Bounds:
    """The rectangle around all scenes of a layer."""
    west, south, east, north = zip(*(bounds_in(scene.raster, crs) for scene in layer.scenes), strict=True)
    return min(west), min(south), max(east), max(north)


def _whole_tiles(extent: Bounds, left: float, top: float, tile: float, step: float) -> tuple[tuple[int, int], tuple[int, int]]:
    """First and last row, first and last column of the tiles that lie within `extent` but for SLACK."""
    slack = SLACK * tile / step
    columns = ceil((extent[0] - left) / step - slack), floor((extent[2] - left - tile) / step + slack)
    rows = ceil((top - extent[3]) / step - slack), floor((top - extent[1] - tile) / step + slack)
    return rows, columns
