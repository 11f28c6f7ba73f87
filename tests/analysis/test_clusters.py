import numpy as np
import pytest

from aerial_ops.analysis.clusters import clusters_of, map_link
from aerial_ops.analysis.geodesy import areas
from tests.analysis.counties import county_like

LETTERS = {"d": "Developed", "f": "Forest"}
COUNTY = county_like(["ddff", "ffdf", "f fd", "ffff", "dfff"], LETTERS, turned=3.0)
CHOSEN = np.flatnonzero(COUNTY.raw == 0)


def test_tiles_that_touch_are_one_place_and_the_surest_place_comes_first() -> None:
    sure = np.array([0.6, 0.8, np.nan, 0.7, 0.9])
    lone, long = clusters_of(COUNTY, CHOSEN, ["Forest", "Shrub", "Forest", "Shrub", "Barren"], ["Developed"] * 5, sure)
    assert (lone.rank, lone.tiles.tolist(), lone.confidence, lone.before) == (1, [CHOSEN[4]], pytest.approx(0.9), {"Barren": 1})
    assert long.tiles.tolist() == [CHOSEN[i] for i in (1, 3, 0, 2)]
    assert (long.rank, long.confidence) == (2, pytest.approx(0.7, abs=1e-4))
    assert long.before == {"Forest": 2, "Shrub": 2} and long.after == {"Developed": 4}


def test_without_probabilities_the_largest_comes_first() -> None:
    first, second = clusters_of(COUNTY, CHOSEN, ["Forest"] * 5, ["Developed"] * 5)
    assert (len(first.tiles), len(second.tiles)) == (4, 1) and first.confidence is None


def test_a_place_has_its_area_centre_and_link() -> None:
    (place,) = clusters_of(COUNTY, CHOSEN[:2], ["Forest"] * 2, ["Developed"] * 2)
    places = COUNTY.places
    south, west, north, east = (side[CHOSEN[:2]] for side in (places.south, places.west, places.north, places.east))
    assert place.hectares == pytest.approx(areas(south, west, north, east).sum() / 10_000)
    assert place.latitude == pytest.approx((south.min() + north.max()) / 2, abs=1e-4)
    assert place.longitude == pytest.approx((west.min() + east.max()) / 2, abs=1e-4)
    assert f"mlat={place.latitude:.5f}&mlon={place.longitude:.5f}" in place.link


def test_alike_tiles_only_are_put_together_when_asked() -> None:
    was = ["Forest", "Shrub", "Shrub", "Shrub", "Shrub"]
    found = clusters_of(COUNTY, CHOSEN, was, ["Developed"] * 5, alike=True)
    assert sorted(place.tiles.tolist() for place in found) == [[CHOSEN[0]], [*CHOSEN[1:4]], [CHOSEN[4]]]


def test_no_tiles_are_no_places() -> None:
    assert clusters_of(COUNTY, CHOSEN[:0], [], []) == ()


def test_the_link_opens_a_map_at_the_place() -> None:
    expected = "https://www.openstreetmap.org/?mlat=42.50000&mlon=-71.40000#map=16/42.50000/-71.40000"
    assert map_link(42.5, -71.4) == expected
