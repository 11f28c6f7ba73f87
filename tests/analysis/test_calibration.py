import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from aerial_ops.analysis.calibration import calibration
from aerial_ops.errors import DataError

tiles = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


@given(tiles, st.integers(1, 12))
def test_the_table_is_the_obvious_one(given_tiles: list[tuple[float, bool]], bins: int) -> None:
    sure, right = (np.array(column) for column in zip(*given_tiles, strict=True))
    found = calibration(sure, right, bins)
    assert found is not None and found.tiles == len(sure)
    edges = np.linspace(0, 1, bins + 1)
    error = worst = 0.0
    for row in found.bins:
        inside = [i for i, p in enumerate(sure) if (p > row.low or (p == 0 and row.low == 0)) and p <= row.high]
        assert row.low in edges and len(inside) == row.tiles > 0
        assert row.certainty == pytest.approx(np.mean(sure[inside]), abs=1e-12)
        assert row.accuracy == pytest.approx(np.mean(right[inside]))
        error += abs(np.mean(sure[inside]) - np.mean(right[inside])) * len(inside) / len(sure)
        worst = max(worst, abs(np.mean(sure[inside]) - np.mean(right[inside])))
    assert sum(row.tiles for row in found.bins) == len(sure)
    assert found.expected_error == pytest.approx(error) and found.largest_error == pytest.approx(worst)
    assert found.excess == pytest.approx(found.certainty - found.accuracy)


@given(st.lists(st.tuples(st.floats(0.001, 0.999).filter(lambda p: (p * 10) % 1 > 1e-6), st.booleans()), min_size=2, max_size=60))
def test_the_curve_is_scikit_learns(given_tiles: list[tuple[float, bool]]) -> None:
    sure, right = (np.array(column) for column in zip(*given_tiles, strict=True))
    found = calibration(sure, right, 10)
    assert found is not None
    accuracy, certainty = calibration_curve(right, sure, n_bins=10, pos_label=True)
    assert [row.accuracy for row in found.bins] == pytest.approx(accuracy)
    assert [row.certainty for row in found.bins] == pytest.approx(certainty)


def test_a_model_that_is_too_sure_of_itself() -> None:
    found = calibration(np.full(100, 0.9), np.arange(100) < 60)
    assert found is not None
    assert (found.excess, found.expected_error) == (pytest.approx(0.3), pytest.approx(0.3))
    low, high = found.bins[0].interval
    assert low < 0.6 < high < 0.9


def test_tiles_without_a_probability_are_counted_and_left_out() -> None:
    found = calibration(np.array([0.5, np.nan]), np.array([True, False]))
    assert found is not None and (found.tiles, found.unknown, found.accuracy) == (1, 1, 1)
    assert calibration(np.array([np.nan]), np.array([True])) is None
    assert calibration(np.zeros(0), np.zeros(0, dtype=bool)) is None


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(DataError, match="one probability and one answer"):
        calibration(np.zeros(2), np.zeros(3, dtype=bool))
    with pytest.raises(DataError, match="between 0 and 1"):
        calibration(np.array([1.2]), np.array([True]))
