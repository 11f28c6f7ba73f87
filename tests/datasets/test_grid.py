from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from aerial_ops.datasets.grid import common_grid
from aerial_ops.datasets.raster import describe
from aerial_ops.errors import DataError
from tests.datasets.conftest import LEFT, PIXEL, TOP

Write = Callable[..., Path]


@pytest.fixture
def blank() -> np.ndarray:
    return np.ones((3, 64, 80), np.uint8)


def test_scenes_with_corners_a_few_metres_apart_share_the_grid(write_raster: Write, blank: np.ndarray) -> None:
    rasters = [
        describe(write_raster(f"{k}.tif", blank, left=LEFT + shift, top=TOP - shift)) for k, shift in enumerate((0, 2, -3))
    ]
    grid = common_grid(rasters, 16)
    assert (grid.left, grid.top) == (LEFT + 2, TOP - 2)
    # 64 / 16 = 4 rows, of which the last would reach beyond the scenes that lie furthest north.
    assert (grid.rows, grid.columns) == (4, 5)
    assert all(list(columns)[:4] == [0, 1, 2, 3] for _, columns in map(grid.covered, rasters))


def test_neighbouring_scenes_are_numbered_together(write_raster: Write, blank: np.ndarray) -> None:
    west = describe(write_raster("w.tif", blank, left=LEFT - 80 * PIXEL))
    east = describe(write_raster("e.tif", blank))
    grid = common_grid([east, west], 16)
    assert (grid.rows, grid.columns) == (4, 10)
    assert grid.covered(west) == (range(4), range(5)) and grid.covered(east) == (range(4), range(5, 10))


def test_corners_are_those_of_the_tile(write_raster: Write, blank: np.ndarray) -> None:
    pyproj = pytest.importorskip("pyproj")
    grid = common_grid([describe(write_raster("a.tif", blank))], 16)
    transformer = pyproj.Transformer.from_crs("EPSG:26914", "EPSG:4326", always_xy=True)
    for (row, column), (south, west, north, east) in zip([(0, 0), (2, 3)], grid.corners([(0, 0), (2, 3)]), strict=True):
        x, y, tile = LEFT + column * 16 * PIXEL, TOP - row * 16 * PIXEL, 16 * PIXEL
        assert (west, south) == pytest.approx(transformer.transform(x, y - tile), abs=2e-7)
        assert (east, north) == pytest.approx(transformer.transform(x + tile, y), abs=2e-7)


def test_a_scene_smaller_than_a_tile(write_raster: Write, blank: np.ndarray) -> None:
    with pytest.raises(DataError, match="smaller than one tile"):
        common_grid([describe(write_raster("a.tif", blank))], 100)
