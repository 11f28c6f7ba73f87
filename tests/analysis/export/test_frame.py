from typing import Any

import numpy as np
import pytest

from aerial_ops.analysis.county import County, county_of
from aerial_ops.analysis.export.frame import Frame, frame_of
from aerial_ops.analysis.tables import Places, Predictions
from aerial_ops.errors import DataError
from tests.analysis.counties import county_like, county_with

pyproj = pytest.importorskip("pyproj", reason="pyproj comes with the extra geo")


def county_in(
    crs: str, left: float, top: float, size: float, *, rows: int = 30, cols: int = 40, pitch: float = 1.0, digits: int = 12
) -> County:
    """A county cut along the axes of `crs`, with holes; corners in degrees rounded to `digits`."""
    rng = np.random.default_rng(1)
    order = rng.permutation(rows * cols)[: rows * cols * 3 // 4]
    r, c = (index.ravel()[order] for index in np.indices((rows, cols)))
    to_degrees = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    x, y = left + c * size * pitch, top - r * size * pitch - size
    west, south = np.round(to_degrees.transform(x, y), digits)
    east, north = np.round(to_degrees.transform(x + size, y + size), digits)
    places = Places([f"t{i}" for i in range(len(r))], south, west, north, np.where(east < west, east + 360, east))
    return county_of(places, Predictions(places.names, ["Forest"] * len(r), []))


def off_centre(county: County, frame: Frame) -> float:
    """The largest distance of a tile's centre from its cell's, in metres."""
    found = frame.degrees(np.append(county.grid.cols, 0) + 0.5, np.append(county.grid.rows, 0) + 0.5)
    latitude, longitude = county.places.centres
    geod = pyproj.Geod(ellps="WGS84")
    return max(geod.inv(*points)[2] for points in zip(longitude, latitude, *(at[:-1] for at in found), strict=True))


CASES: list[Any] = [
    ("EPSG:32619", 300_000.0, 4_720_000.0, 224.0),
    ("EPSG:26914", 551_000.5, 5_223_010.25, 48.0),
    ("EPSG:32618", 795_000.0, 4_700_000.0, 224.0),
    ("EPSG:32733", 400_000.0, 7_000_000.0, 224.0),
    ("EPSG:4326", -71.4, 42.5, 0.002),
    ("EPSG:3857", -7_950_000.0, 5_230_000.0, 300.0),
    ("EPSG:5070", 1_950_000.0, 2_400_000.0, 240.0),
]


@pytest.mark.parametrize(("crs", "left", "top", "size"), CASES)
def test_the_system_and_the_cells_are_found_again_to_a_centimetre(crs: str, left: float, top: float, size: float) -> None:
    frame = frame_of(county_in(crs, left, top, size))
    assert frame.straight and frame.misfit < 0.001 and (frame.rows, frame.cols) == (30, 40)
    to_degrees = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    cols, rows = np.array([0.0, 40, 40, 0, 17]), np.array([0.0, 0, 30, 30, 8])
    longitude, latitude = to_degrees.transform(left + cols * size, top - rows * size)
    found = frame.degrees(cols, rows)
    _, _, apart = pyproj.Geod(ellps="WGS84").inv(longitude, latitude, *found)
    assert max(apart) < 0.01


def test_rounded_corners_and_overlapping_tiles_keep_the_pitch() -> None:
    frame = frame_of(county_in("EPSG:32619", 300_000.0, 4_720_000.0, 224.0, pitch=0.5, digits=6))
    assert frame.crs == "EPSG:32619" and frame.straight
    assert frame.transform[0] == pytest.approx(112, abs=0.01) and frame.transform[4] == pytest.approx(-112, abs=0.01)
    assert frame.transform[2] == pytest.approx(300_056, abs=0.1)


def test_a_turned_grid_makes_a_turned_raster() -> None:
    rows, cols = (index.ravel() for index in np.indices((20, 25)))
    county = county_with(rows, cols, np.zeros(500, dtype=int), "A", turned=12.0)
    frame = frame_of(county)
    assert not frame.straight and frame.misfit < 0.02
    assert off_centre(county, frame) < 0.02 * 224


def test_a_grid_that_is_turned_in_degrees_makes_a_raster_in_degrees() -> None:
    rows, cols = (index.ravel() for index in np.indices((200, 20)))
    county = county_with(rows, cols, np.zeros(4000, dtype=int), "A", turned=1.0)
    frame = frame_of(county)
    assert (frame.crs, frame.straight) == ("EPSG:4326", False) and frame.misfit < 1e-6


@pytest.mark.parametrize("board", [["d"], ["ddd"], ["d", "d"], ["d  ", "  d"]])
def test_few_tiles_make_a_raster_too(board: list[str]) -> None:
    county = county_like(board, {"d": "Developed"})
    frame = frame_of(county)
    assert off_centre(county, frame) < 0.02 * 224


def test_a_county_across_the_date_line_is_one_raster() -> None:
    frame = frame_of(county_in("EPSG:32701", 160_000.0, 8_100_000.0, 2_000.0))
    assert frame.crs in ("EPSG:32701", "EPSG:32760") and frame.misfit < 0.001


def test_tiles_on_no_grid_are_no_raster() -> None:
    rng = np.random.default_rng(0)
    county = county_with(rng.uniform(0, 9, 80), rng.uniform(0, 9, 80), np.zeros(80, dtype=int), "A")
    with pytest.raises(DataError, match="one grid"):
        frame_of(county)
