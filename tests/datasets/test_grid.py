from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyproj
import pytest
import rasterio.warp
from hypothesis import given
from hypothesis import strategies as st

from aerial_ops.datasets.files import LocalFile
from aerial_ops.datasets.grid import Grid, Tiling, common_grid
from aerial_ops.datasets.scenes import Layer, layers_of, open_scene
from aerial_ops.errors import DataError, UsageError
from tests.datasets.conftest import LEFT, PIXEL, TOP, UTM14

Write = Callable[..., Path]
TILE = 16 * PIXEL
TILING = Tiling(metres=TILE, pixels=16)
CENTIMETRE = 0.01


@pytest.fixture
def blank() -> np.ndarray:
    return np.ones((3, 64, 80), np.uint8)


def layers(*paths: Path) -> list[Layer]:
    return layers_of([open_scene(LocalFile(path)) for path in paths])


def test_years_with_corners_a_few_metres_apart_share_the_grid(write_raster: Write, blank: np.ndarray) -> None:
    years = layers(
        *(write_raster(f"201{k}0701.tif", blank, left=LEFT + shift, top=TOP - shift) for k, shift in enumerate((0, 2, -3)))
    )
    grid = common_grid(years, TILING)
    assert (grid.left, grid.top) == (LEFT + 2, TOP - 2)
    # 64 / 16 = 4 rows, of which the last would reach beyond the scenes that lie furthest north.
    assert (grid.rows, grid.columns) == (4, 5)
    assert len(years) == 3 and all((grid.main_scenes(year)[:3, :4] == 0).all() for year in years)


def test_neighbouring_scenes_are_numbered_together(write_raster: Write, blank: np.ndarray) -> None:
    # Two scenes of one year that share half of their width: the first by name is taken where both hold a tile.
    (year,) = layers(*(write_raster(f"{name}_20120701.tif", blank, left=LEFT - k * 48 * PIXEL) for k, name in enumerate("ab")))
    grid = common_grid([year], TILING)
    assert (grid.rows, grid.columns) == (4, 8) and grid.left == LEFT - 3 * TILE
    assert grid.main_scenes(year)[0].tolist() == [1, 1, 1, 0, 0, 0, 0, 0]


def test_a_tile_that_two_scenes_hold_together_is_covered(write_raster: Write, blank: np.ndarray) -> None:
    paths = [write_raster(f"{name}_20120701.tif", blank, left=LEFT + k * 80 * PIXEL) for k, name in enumerate("ab")]
    grid = common_grid(layers(*paths), Tiling(metres=24 * PIXEL, pixels=24))
    assert grid.main_scenes(layers(*paths)[0])[0].tolist() == [0, 0, 0, 1, 1, 1]
    assert grid.main_scenes(layers(paths[0])[0])[0].tolist() == [0, 0, 0, -1, -1, -1]


def test_overlapping_tiles_and_the_county_without_overlap(write_raster: Write, blank: np.ndarray) -> None:
    grid = common_grid(layers(write_raster("a.tif", blank)), Tiling(TILE, 16, overlap=0.5))
    assert (grid.step, grid.stride, grid.rows, grid.columns) == (TILE / 2, 8, 7, 9)
    county = grid.without_overlap()
    assert (county.step, county.rows, county.columns) == (TILE, 4, 5) and (county.left, county.top) == (grid.left, grid.top)
    target = grid.target(range(2, 4), range(1, 2))
    assert (target.left, target.top, target.width, target.height) == (LEFT + TILE / 2, TOP - TILE, 16, 24)


@given(
    row=st.integers(0, 3000),
    column=st.integers(0, 3000),
    zone=st.sampled_from([26914, 32619, 5070]),
    tile=st.sampled_from([224.0, 100.5]),
)
def test_corners_agree_with_pyproj_and_rasterio_to_a_centimetre(row: int, column: int, zone: int, tile: float) -> None:
    crs = f"EPSG:{zone}"
    left, top = (480000.0, 5200000.0) if zone != 5070 else (-90000.0, 2700000.0)
    grid = Grid(pyproj.CRS(crs).to_wkt(), left, top, tile, 224, 224, row + 1, column + 1)
    south, west, north, east = grid.corners(np.array([row]), np.array([column]))[0]
    x, y = left + column * tile, top - row * tile
    by_pyproj = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    for (longitude, latitude), (px, py) in zip([(west, south), (east, north)], [(x, y - tile), (x + tile, y)], strict=True):
        assert metres_apart((longitude, latitude), by_pyproj.transform(px, py)) < CENTIMETRE
        (lon,), (lat,) = rasterio.warp.transform(crs, "EPSG:4326", [px], [py])
        assert metres_apart((longitude, latitude), (lon, lat)) < CENTIMETRE


def metres_apart(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(pyproj.Geod(ellps="WGS84").inv(*a, *b)[2])


@pytest.mark.parametrize(
    ("crs", "left", "top", "pixel", "expected"),
    [
        (UTM14, LEFT, TOP, 5.0, "EPSG:26914"),
        ("EPSG:4326", -99.2, 47.0, 0.00005, "EPSG:32614"),  # degrees
        ("EPSG:3857", -11040000.0, 5940000.0, 5.0, "EPSG:32614"),  # Web Mercator: its metre is 0.7 m of the ground here
        ("EPSG:2265", 2000000.0, 500000.0, 15.0, "EPSG:32614"),  # North Dakota in feet
        ("EPSG:5070", -250000.0, 2700000.0, 5.0, "EPSG:5070"),
    ],
)
def test_the_grid_is_in_metres_on_the_ground(
    write_raster: Write, blank: np.ndarray, crs: str, left: float, top: float, pixel: float, expected: str
) -> None:
    grid = common_grid(layers(write_raster("a.tif", blank, left=left, top=top, pixel=pixel, crs=crs)), TILING)
    assert pyproj.CRS(grid.crs) == pyproj.CRS(expected)
    south, west, north, east = grid.corners(np.array([0]), np.array([0]))[0]
    # Along the diagonal, so that it does not matter how the grid is turned against north.
    assert metres_apart((west, south), (east, north)) == pytest.approx(TILE * 2**0.5, rel=0.02)


def test_a_scene_smaller_than_a_tile(write_raster: Write, blank: np.ndarray) -> None:
    with pytest.raises(DataError, match="smaller than one tile"):
        common_grid(layers(write_raster("a.tif", blank)), Tiling(500, 100))


def test_scenes_a_world_apart(write_raster: Write, blank: np.ndarray) -> None:
    apart = layers(*(write_raster(f"{by}.tif", blank, left=LEFT + by, top=TOP + by) for by in (0, 30_000)))
    with pytest.raises(DataError, match="places are possible"):
        common_grid(apart, Tiling(8 * PIXEL, 8, overlap=0.9))


@pytest.mark.parametrize("wrong", [{"metres": 0}, {"metres": float("nan")}, {"pixels": 4}, {"overlap": 0.95}, {"overlap": -0.1}])
def test_tilings_are_checked(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        Tiling(**wrong)  # type: ignore[arg-type]
