import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aerial_ops.analysis.export.frame import Frame, frame_of
from aerial_ops.analysis.export.outlines import area_outlines, cut, tile_outlines
from aerial_ops.analysis.neighbours import connected
from tests.analysis.export.test_frame import county_in

pyproj = pytest.importorskip("pyproj", reason="pyproj comes with the extra geo")
pytest.importorskip("rasterio", reason="rasterio comes with the extra geo")
GEOD = pyproj.Geod(ellps="WGS84")
FRAME = Frame("EPSG:32619", (224.0, 0.0, 300_000.0, 0.0, -224.0, 4_720_000.0), 9, 9, 0.0, True)


def signed_area(ring: np.ndarray) -> float:
    """Positive for counterclockwise; in square cells."""
    x, y = ring.T
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2)


def in_cells(ring: np.ndarray) -> np.ndarray:
    x, y = pyproj.Transformer.from_crs("EPSG:4326", FRAME.crs, always_xy=True).transform(*ring.T)
    return np.stack([(x - 300_000) / 224, (4_720_000 - y) / 224], axis=1)


@settings(max_examples=40)
@given(arrays(np.int8, (6, 7), elements=st.integers(-1, 2)))
def test_merged_tiles_cover_their_cells_and_nothing_else(board: np.ndarray) -> None:
    rows, cols = np.nonzero(board >= 0)
    if not len(rows):
        return
    areas = board[rows, cols]
    found = area_outlines(FRAME, rows, cols, areas)
    assert set(found) == set(areas.tolist())
    for number, polygons in found.items():
        own = board == number
        rings = [[in_cells(ring) for ring in polygon] for polygon in polygons]
        covered = sum(-signed_area(ring) for polygon in rings for ring in polygon)
        assert covered == pytest.approx(own.sum(), abs=1e-6)
        assert len(polygons) == len(set(connected(*np.nonzero(own), corners=False).tolist()))
        for polygon in polygons:
            assert all(np.array_equal(ring[0], ring[-1]) and len(ring) >= 5 for ring in polygon)
            assert signed_area(polygon[0]) > 0 and all(signed_area(ring) < 0 for ring in polygon[1:])
        for ring in (ring for polygon in rings for ring in polygon):
            assert np.abs(ring - np.rint(ring)).max() < 1e-6
            assert np.abs(np.diff(ring, axis=0)).sum(axis=1) == pytest.approx(1, abs=1e-6)


def test_a_long_straight_edge_stays_straight_on_the_ground() -> None:
    cols = np.arange(60)
    (ring,) = area_outlines(FRAME, np.zeros(60, dtype=int), cols, np.zeros(60, dtype=int))[0][0]
    to_frame = pyproj.Transformer.from_crs("EPSG:4326", FRAME.crs, always_xy=True)
    middle = (ring[:-1] + ring[1:]) / 2
    x, y = to_frame.transform(*middle.T)
    off = np.minimum(
        np.abs(y - np.rint((y - 4_720_000) / 224) * 224 - 4_720_000), np.abs(x - 300_000 - np.rint((x - 3e5) / 224) * 224)
    )
    assert off.max() < 0.01


def test_tiles_have_the_corners_of_the_grid_they_were_cut_from() -> None:
    county = county_in("EPSG:32619", 300_000.0, 4_720_000.0, 224.0)
    frame = frame_of(county)
    rings = tile_outlines(county, frame)
    to_degrees = pyproj.Transformer.from_crs(frame.crs, "EPSG:4326", always_xy=True)
    left, top = 300_000 + county.grid.cols * 224.0, 4_720_000 - county.grid.rows * 224.0
    for k, (x, y) in enumerate([(left, top - 224), (left + 224, top - 224), (left + 224, top), (left, top), (left, top - 224)]):
        longitude, latitude = to_degrees.transform(x, y)
        _, _, apart = GEOD.inv(longitude, latitude, rings[:, k, 0], rings[:, k, 1])
        assert apart.max() < 0.001
    assert all(signed_area(ring) > 0 for ring in rings)


def test_without_a_frame_tiles_are_rectangles_in_degrees() -> None:
    county = county_in("EPSG:32619", 300_000.0, 4_720_000.0, 224.0)
    ring, places = tile_outlines(county, None)[3], county.places
    w, s, e, n = (side[3] for side in (places.west, places.south, places.east, places.north))
    assert ring.tolist() == [[w, s], [e, s], [e, n], [w, n], [w, s]]


def test_a_tile_across_the_date_line_is_cut_there() -> None:
    county = county_in("EPSG:32701", 160_000.0, 8_100_000.0, 2_000.0)
    rings = tile_outlines(county, frame_of(county))
    assert np.ptp(rings[:, :, 0], axis=1).max() < 0.05
    pieces = [cut(ring) for ring in rings]
    crossing = [parts for parts in pieces if len(parts) == 2]
    assert 10 < len(crossing) < 60 and {len(parts) for parts in pieces} == {1, 2}
    for ring, parts in zip(rings, pieces, strict=True):
        assert all(np.abs(part[:, 0]).max() <= 180 and signed_area(part) > 0 for part in parts)
        assert sum(signed_area(part) for part in parts) == pytest.approx(signed_area(ring))
    for one, other in crossing:
        assert {180.0, -180.0} == {np.abs(one[:, 0]).max() * np.sign(one[0, 0]), np.abs(other[:, 0]).max() * np.sign(other[0, 0])}


def test_a_ring_that_ends_at_the_date_line_is_whole() -> None:
    ring = np.array([[179.0, 0], [180, 0], [180, 1], [179, 1], [179, 0]])
    assert [part.tolist() for part in cut(ring)] == [ring.tolist()]
