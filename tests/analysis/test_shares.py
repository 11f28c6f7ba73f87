import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aerial_ops.analysis.areas import estimate_areas
from aerial_ops.analysis.shares import corrected_areas, estimate_areas_by_class, true_shares

MAPPED_AS = np.array([[0.85, 0.1, 0.05], [0.2, 0.7, 0.1], [0.05, 0.05, 0.9]])
"""The share of each true class (rows) that is mapped as each class."""


@given(arrays(np.float64, 3, elements=st.floats(0.02, 1)))
def test_shares_that_made_a_map_are_found_again(given_shares: np.ndarray) -> None:
    shares = given_shares / given_shares.sum()
    found = true_shares(MAPPED_AS, shares @ MAPPED_AS)
    assert found == pytest.approx(shares, abs=1e-5)
    solved = np.linalg.solve(MAPPED_AS.T, shares @ MAPPED_AS)
    assert found == pytest.approx(solved, abs=1e-5)


def test_a_map_that_no_shares_explain_gives_the_most_likely_ones() -> None:
    mapped = np.array([0.01, 0.01, 0.98])
    found = true_shares(MAPPED_AS, mapped)
    assert found.sum() == pytest.approx(1) and (found >= 0).all()
    steps = np.linspace(0, 1, 101)
    grid = np.array([(a, b, 1 - a - b) for a in steps for b in steps if a + b <= 1 + 1e-9])
    likelihood = np.log(np.maximum(grid, 0) @ MAPPED_AS) @ mapped
    assert found == pytest.approx(grid[likelihood.argmax()], abs=0.011)


def test_a_balanced_test_set_misleads_the_one_estimate_and_not_the_other() -> None:
    rng = np.random.default_rng(5)
    truth = np.array([0.1, 0.2, 0.7])
    land = dict(zip("abc", truth @ MAPPED_AS * 1e4, strict=True))
    by_map, by_class = np.zeros((2, 3))
    for _ in range(30):
        counts = np.stack([rng.multinomial(400, row) for row in MAPPED_AS])
        by_map += [row.estimate / 30 for row in estimate_areas("abc", counts, land).rows]
        found = estimate_areas_by_class("abc", counts, land, draws=20)
        by_class += [row.estimate / 30 for row in found.rows]
    assert found.mix_distance > 0.2
    assert by_class == pytest.approx(truth, abs=0.02)
    assert by_map[2] < 0.62


def test_accuracies_are_those_of_the_land() -> None:
    truth = np.array([0.1, 0.2, 0.7])
    counts = np.rint(MAPPED_AS * 10_000).astype(int)
    found = estimate_areas_by_class("abc", counts, dict(zip("abc", truth @ MAPPED_AS * 1e4, strict=True)), draws=50)
    assert found.overall.value == pytest.approx(truth @ np.diag(MAPPED_AS), abs=1e-4)
    for i, row in enumerate(found.rows):
        assert row.users.value == pytest.approx(truth[i] * MAPPED_AS[i, i] / (truth @ MAPPED_AS[:, i]), abs=1e-4)
        assert row.producers.value == pytest.approx(MAPPED_AS[i, i]) and 0 < (row.producers.half or 0) < 0.02


def test_the_interval_holds_the_truth_about_19_times_of_20() -> None:
    rng = np.random.default_rng(7)
    truth = np.array([0.05, 0.15, 0.8])
    land = dict(zip("abc", truth @ MAPPED_AS * 1e4, strict=True))
    held = np.zeros(3)
    for _ in range(60):
        counts = np.stack([rng.multinomial(40, row) for row in MAPPED_AS])
        rows = estimate_areas_by_class("abc", counts, land, draws=100).rows
        held += [row.low <= share <= row.high for row, share in zip(rows, truth, strict=True)]
    assert (held / 60 > 0.9).all()


def test_few_tiles_without_a_mistake_are_not_certainty() -> None:
    few, many = (estimate_areas_by_class("ab", [[n, 0], [0, n]], {"a": 3e4, "b": 1e4}) for n in (10, 1000))
    for found in (few, many):
        assert [row.estimate for row in found.rows] == pytest.approx([3, 1])
    assert few.rows[1].low < 0.9 < many.rows[1].low <= 1 <= many.rows[1].high < 1.1


def test_the_seed_decides() -> None:
    counts = [[8, 2], [3, 7]]
    one = estimate_areas_by_class("ab", counts, {"a": 3e4, "b": 1e4}, draws=30)
    assert one == estimate_areas_by_class("ab", counts, {"a": 3e4, "b": 1e4}, draws=30)
    assert one != estimate_areas_by_class("ab", counts, {"a": 3e4, "b": 1e4}, draws=30, seed=1)


def test_land_that_no_test_tile_speaks_for_counts_as_mapped() -> None:
    counts = [[9, 1, 0], [2, 8, 0], [1, 0, 0]]
    found = estimate_areas_by_class("abc", counts, {"a": 4e4, "b": 4e4, "c": 1e4, "Water": 1e4}, draws=60)
    assert found.unsupported == ("c", "Water")
    a, _, c, water = found.rows
    assert (c.estimate, water.estimate) == pytest.approx((1, 1))
    assert (c.low, water.low, water.users.value, c.producers.value) == (0, 0, None, None)
    assert sum(row.estimate for row in found.rows) == pytest.approx(10)
    alone = estimate_areas_by_class("ab", [[9, 1], [2, 8]], {"a": 4e4, "b": 4e4}, draws=60)
    assert a.estimate == pytest.approx(alone.rows[0].estimate)
    assert a.high == pytest.approx(alone.rows[0].high + 2, abs=0.15)


def test_the_mix_of_the_test_set_chooses_the_estimate() -> None:
    counts = [[36, 4], [2, 8]]
    assert corrected_areas("ab", counts, {"a": 3.8e4, "b": 1.2e4}) == estimate_areas("ab", counts, {"a": 3.8e4, "b": 1.2e4})
    other = {"a": 1e4, "b": 4e4}
    both = corrected_areas("ab", counts, other)
    assert both.rows == estimate_areas_by_class("ab", counts, other).rows and both.other == estimate_areas("ab", counts, other)
