import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aerial_ops.analysis.areas import Areas, estimate_areas
from aerial_ops.errors import DataError

CLASSES = ("Deforestation", "Forest gain", "Stable forest", "Stable non-forest")
# Olofsson et al. (2014), table 8: rows are map classes, columns are the reference; 10,000,000 pixels of 30 m.
MAPPED_AS = np.array([[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]])
PIXELS = (200_000, 150_000, 3_200_000, 6_450_000)
LAND = {name: pixels * 900.0 for name, pixels in zip(CLASSES, PIXELS, strict=True)}


def worked_example() -> Areas:
    return estimate_areas(CLASSES, MAPPED_AS.T, LAND)


def test_the_papers_areas() -> None:
    found = worked_example()
    assert [round(row.estimate) for row in found.rows] == [21_158, 11_686, 285_770, 581_386]
    halves = [(row.high - row.low) / 2 for row in found.rows]
    assert halves == pytest.approx([6_158, 3_756, 15_510, 16_282], abs=1)  # the paper has 1.96 for 1.95996
    assert [round(row.mapped) for row in found.rows] == [18_000, 13_500, 288_000, 580_500]
    assert found.total == pytest.approx(900_000) and not found.unsupported


def test_the_papers_accuracies() -> None:
    found = worked_example()
    users = [(round(row.users.value or 0, 2), round(row.users.half or 0, 2)) for row in found.rows]
    assert users == [(0.88, 0.07), (0.73, 0.10), (0.93, 0.04), (0.96, 0.02)]
    assert [round(row.producers.value or 0, 2) for row in found.rows] == [0.75, 0.85, 0.93, 0.96]
    assert (round(found.overall.value or 0, 2), round(found.overall.half or 0, 2)) == (0.95, 0.02)


def slow(counts: np.ndarray, land: list[float], j: int) -> tuple[float, float, float, float]:
    """Area and producer's accuracy of class j with half widths, term by term; `counts` [map class, true class]."""
    area = variance = 0.0
    for i, row in enumerate(counts):
        n = sum(row)
        area += land[i] * row[j] / n
        variance += land[i] ** 2 * (row[j] / n) * (1 - row[j] / n) / (n - 1)
    own, n = counts[j][j] / sum(counts[j]), sum(counts[j])
    producers = land[j] * own / area if area else 0.0
    inner = land[j] ** 2 * (1 - producers) ** 2 * own * (1 - own) / (n - 1)
    for i, row in enumerate(counts):
        if i != j:
            n = sum(row)
            inner += producers**2 * land[i] ** 2 * (row[j] / n) * (1 - row[j] / n) / (n - 1)
    return area, 1.96 * variance**0.5, producers, 1.96 * inner**0.5 / area if area else 0.0


@given(arrays(np.int64, (4, 4), elements=st.integers(0, 9)), st.lists(st.floats(1, 1e6), min_size=4, max_size=4))
def test_it_agrees_with_the_sums_written_out(counts: np.ndarray, land: list[float]) -> None:
    assume((counts.sum(axis=1) >= 2).all())
    found = estimate_areas("abcd", counts.T, {name: 1e4 * area for name, area in zip("abcd", land, strict=True)})
    for j, row in enumerate(found.rows):
        area, half, producers, producers_half = slow(counts, land, j)
        assert row.estimate == pytest.approx(area)
        assert row.low == pytest.approx(max(0, area - half), rel=1e-3, abs=1e-3 * half)
        assert row.high == pytest.approx(min(sum(land), area + half), rel=1e-3)
        assert row.mapped == pytest.approx(land[j])
        assert (row.producers.value or 0, row.producers.half or 0) == pytest.approx((producers, producers_half), rel=1e-3)
    assert sum(row.estimate for row in found.rows) == pytest.approx(found.total) == pytest.approx(sum(land))


def test_the_interval_holds_the_truth_about_19_times_of_20() -> None:
    rng = np.random.default_rng(1)
    truth_of = np.array([[0.85, 0.1, 0.05], [0.2, 0.7, 0.1], [0.05, 0.05, 0.9]])
    weight = np.array([0.1, 0.3, 0.6])
    truth = weight @ truth_of
    held = np.zeros(3)
    for _ in range(400):
        counts = np.stack([rng.multinomial(100, row) for row in truth_of])
        rows = estimate_areas("abc", counts.T, dict(zip("abc", weight * 1e4, strict=True))).rows
        held += [row.low <= area <= row.high for row, area in zip(rows, truth, strict=True)]
    assert (held / 400 > 0.91).all() and (held / 400 < 0.99).all()


def test_a_perfect_map_stays_as_it_is() -> None:
    found = estimate_areas("ab", [[10, 0], [0, 10]], {"a": 3e4, "b": 1e4})
    assert [(row.low, row.estimate, row.high) for row in found.rows] == [(3, 3, 3), (1, 1, 1)]


def test_land_that_no_test_tile_speaks_for_counts_as_mapped_and_widens_every_interval() -> None:
    found = estimate_areas("ab", [[10, 0], [0, 1]], {"a": 6e4, "b": 1e4, "Water": 3e4})
    assert found.unsupported == ("b", "Water")
    a, b, water = found.rows
    assert (a.low, a.estimate, a.high) == (6, 6, 10)
    assert (b.low, b.estimate, b.high) == pytest.approx((0, 1, 4))
    assert (water.low, water.estimate, water.high) == pytest.approx((0, 3, 4))
    assert (water.users.value, a.producers.value, found.overall.value) == (None, None, None)
    assert a.users.value == 1


def test_a_class_without_land_and_without_test_tiles_widens_nothing() -> None:
    found = estimate_areas("abc", [[9, 1, 0], [1, 9, 0], [0, 0, 0]], {"a": 1e4, "b": 1e4})
    assert found.unsupported == () and found.rows[2].high == 0
    assert found.rows[2].producers.value is None


def test_a_test_set_of_another_mix_is_told() -> None:
    alike = estimate_areas("ab", [[40, 0], [0, 10]], {"a": 4e4, "b": 1e4})
    unlike = estimate_areas("ab", [[25, 0], [0, 25]], {"a": 4e4, "b": 1e4})
    assert (alike.mix_distance, unlike.mix_distance) == pytest.approx((0, 0.3))


@pytest.mark.parametrize("land", [{}, {"a": 0.0}, {"a": float("nan")}, {"a": -1.0, "b": 3.0}])
def test_no_land_is_refused(land: dict[str, float]) -> None:
    with pytest.raises(DataError, match="no mapped land"):
        estimate_areas("ab", [[1, 0], [0, 1]], land)


def test_a_matrix_that_does_not_fit_is_refused() -> None:
    with pytest.raises(DataError, match="2 classes"):
        estimate_areas("ab", [[1]], {"a": 1.0})
