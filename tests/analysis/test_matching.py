import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerial_ops.analysis.county import County, county_of
from aerial_ops.analysis.matching import match_places
from aerial_ops.analysis.tables import Predictions
from aerial_ops.errors import DataError
from tests.analysis.counties import METRES, county_with, places_at


def grid(rows: int, cols: int) -> tuple[np.ndarray, np.ndarray]:
    r, c = (index.ravel() for index in np.indices((rows, cols)))
    return r, c


def county(rows: np.ndarray, cols: np.ndarray, **place: object) -> County:
    return county_with(rows, cols, np.zeros(len(rows), dtype=int), "A", **place)  # type: ignore[arg-type]


@given(st.integers(0, 10**6), st.floats(-20, 20), st.floats(-75, 75), st.floats(-75, 75))
def test_pairs_are_the_mutually_nearest_ones(seed: int, turned: float, east: float, north: float) -> None:
    rng = np.random.default_rng(seed)
    rows, cols = grid(7, 8)
    one, other = (rng.permutation(len(rows))[: rng.integers(28, 57)] for _ in range(2))
    before = county(rows[one], cols[one], turned=turned)
    after = county(rows[other], cols[other], turned=turned, shift=(east, north))
    found = match_places(before, after)
    pairs = {(int(b), int(a)) for b, a in zip(found.before, found.after, strict=True)}
    # The grids are shifted by less than half a cell, so the same cell is the nearest tile.
    expected = {(b, a) for b, i in enumerate(one) for a, j in enumerate(other) if i == j}
    assert pairs == expected
    assert found.apart == pytest.approx(np.hypot(east, north), abs=0.5)
    assert (np.diff(found.after) > 0).all()


def test_no_tile_is_in_two_pairs_and_the_nearest_wins() -> None:
    rows, cols = grid(1, 6)
    before = county(rows, cols)
    after = county(np.zeros(6), np.array([0.4, 0.1, 3.0, 4.0, 5.0, 6.0]))
    found = match_places(before, after)
    assert list(zip(found.before.tolist(), found.after.tolist(), strict=True)) == [(0, 1), (3, 2), (4, 3), (5, 4)]


def test_names_do_not_matter_and_places_elsewhere_have_no_partner() -> None:
    rows, cols = grid(3, 3)
    before, after = county(rows, cols), county(rows[::-1], cols[::-1])
    found = match_places(before, after)
    assert found.before.tolist() == list(range(8, -1, -1))
    assert len(match_places(before, county(rows, cols, shift=(50_000.0, 0.0))).after) == 0


def test_maps_across_the_date_line_meet() -> None:
    rows, cols = grid(1, 4)
    before = county(rows, cols)
    west = before.places.west
    shift = 180 - west[2]
    for side in (before.places.west, before.places.east):
        side += shift
    after = county(rows, cols)
    for side in (after.places.west, after.places.east):
        side += shift - 360
    assert match_places(before, after).before.tolist() == [0, 1, 2, 3]


def test_tiles_of_different_sizes_and_empty_maps_are_refused() -> None:
    rows, cols = grid(4, 4)
    with pytest.raises(DataError, match="224 x 224 m and 448 x 448 m"):
        match_places(county(rows, cols), county(rows, cols, metres=2 * METRES))
    empty = county_of(places_at(rows, cols), Predictions([], [], []))
    with pytest.raises(DataError, match="no tile with a place"):
        match_places(county(rows, cols), empty)
