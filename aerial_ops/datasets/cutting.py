"""Cutting: blocks of tiles are read, judged and written, several at a time, with a bounded amount of memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from aerial_ops.datasets.grid import Grid
from aerial_ops.datasets.outcomes import Outcome
from aerial_ops.datasets.projection import bounds_in
from aerial_ops.datasets.quality import Limits, cloud_share
from aerial_ops.datasets.reading import pixels_across
from aerial_ops.datasets.scenes import Layer, Scene
from aerial_ops.datasets.writer import png, write_whole

BLOCK_PIXELS = 2048
"""A block is at most so many pixels a side, both of the scene and of the tiles; but one tile at least."""

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, order=True)
class Tile:
    """A tile to cut: where it goes, its place in the grid, and the number of its layer."""

    container: str
    path: str
    row: int
    column: int
    layer: int


@dataclass(frozen=True)
class Cutter:
    """Cuts tiles of one layer on one grid into the folder `out`."""

    out: Path
    grid: Grid
    layer: Layer
    limits: Limits

    def blocks(self, tiles: Iterable[Tile]) -> list[list[Tile]]:
        """The tiles in squares that are read together."""
        side = self._tiles_across()

        def square(tile: Tile) -> tuple[int, int]:
            return tile.row // side, tile.column // side

        return [list(group) for _, group in groupby(sorted(tiles, key=lambda tile: (square(tile), tile)), square)]

    def cut(self, tiles: Sequence[Tile]) -> list[tuple[Outcome, bool]]:
        """Read the block of `tiles`, and write those that are fit; for each, the outcome and whether its file was written."""
        rows = range(min(tile.row for tile in tiles), max(tile.row for tile in tiles) + 1)
        columns = range(min(tile.column for tile in tiles), max(tile.column for tile in tiles) + 1)
        picture, source = self._read(rows, columns)
        stride, side = self.grid.stride, self.grid.side
        found = []
        for tile in tiles:
            top, left = (tile.row - rows[0]) * stride, (tile.column - columns[0]) * stride
            part = np.s_[top : top + side, left : left + side]
            found.append(self._judge(tile, picture[:, *part], source[part]))
        return found

    def _judge(self, tile: Tile, pixels: npt.NDArray[np.uint8], source: npt.NDArray[np.int16]) -> tuple[Outcome, bool]:
        there = source >= 0
        missing, cloud = 1 - float(there.mean()), cloud_share(pixels, there)
        reason = self.limits.reason_against(missing, cloud)
        names = tuple(self.layer.scenes[index].name for index in np.unique(source[there]))
        path = self.out / tile.container / tile.path
        written = not reason and not path.exists()
        if written:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, png(np.ascontiguousarray(pixels.transpose(1, 2, 0))))
        return Outcome(tile.container, tile.path, reason, names, round(missing, 4), round(cloud, 4)), written

    def _read(self, rows: range, columns: range) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int16]]:
        """The colours of a block [3, H, W], and which scene of the layer each pixel is from [H, W]; -1 without data."""
        target = self.grid.target(rows, columns)
        picture = np.zeros((3, target.height, target.width), np.uint8)
        source = np.full((target.height, target.width), -1, np.int16)
        for index, scene in enumerate(self.layer.scenes):
            if not _meet(bounds_in(scene.raster, target.crs), target.bounds):
                continue
            pixels, there = scene.read(target)
            new = there & (source < 0)
            np.copyto(picture, pixels, where=new)
            np.copyto(source, np.int16(index), where=new)
            if (source >= 0).all():
                break
        return picture, source

    def _tiles_across(self) -> int:
        return max(int(BLOCK_PIXELS // max(self.grid.stride, *map(self._source_stride, self.layer.scenes[:1]))), 1)

    def _source_stride(self, scene: Scene) -> float:
        """Pixels of the scene from a tile to the next."""
        tile = self.grid.target(range(1), range(1))
        return pixels_across(scene.raster, tile) * self.grid.step / self.grid.tile


def _meet(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def in_threads(work: Callable[[Item], Result], items: Iterable[Item], threads: int) -> Iterator[Result]:
    """`work` on each of `items`, in their order. At most twice as many as there are threads are under way; the first error
    ends it, when those that run have ended."""
    pool = ThreadPoolExecutor(threads)
    under_way: deque[Future[Result]] = deque()
    try:
        for item in items:
            under_way.append(pool.submit(work, item))
            if len(under_way) >= 2 * threads:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
