import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from aerial_ops.analysis.pairing import compare_models, mcnemar, pair_predictions
from aerial_ops.analysis.tables import Predictions
from aerial_ops.errors import DataError


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_p_value_is_scipys(only_a: int, only_b: int) -> None:
    exact = binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
    assert mcnemar(only_a, only_b) == pytest.approx(exact, rel=1e-9)


@given(st.lists(st.tuples(*[st.sampled_from("AB")] * 3), min_size=1, max_size=50))
def test_tiles_are_counted_by_who_was_right(tiles: list[tuple[str, str, str]]) -> None:
    labels, a, b = (list(column) for column in zip(*tiles, strict=True))
    found = compare_models(labels, a, b, draws=50)
    assert found.both == sum(t == x == y for t, x, y in tiles)
    assert found.only_a == sum(t == x != y for t, x, y in tiles)
    assert found.only_b == sum(t == y != x for t, x, y in tiles)
    assert found.total == len(tiles)
    accuracy_a, accuracy_b = (np.mean([t == one for t, one in zip(labels, side, strict=True)]) for side in (a, b))
    assert found.difference == pytest.approx(accuracy_a - accuracy_b)
    swapped = compare_models(labels, b, a, draws=50)
    assert swapped.difference == -found.difference and swapped.p_value == found.p_value


def test_a_clear_and_an_unclear_difference() -> None:
    labels = ["A"] * 400
    good, poor = ["A"] * 360 + ["B"] * 40, ["A"] * 280 + ["B"] * 120
    clear = compare_models(labels, good, poor)
    assert clear.interval is not None and 0 < clear.interval[0] < 0.2 < clear.interval[1] and clear.p_value < 1e-9
    unclear = compare_models(labels, good, ["B"] * 36 + ["A"] * 364)
    assert unclear.interval is not None and unclear.interval[0] < 0 < unclear.interval[1] and unclear.p_value > 0.3


def test_blocks_that_are_alike_make_a_difference_less_certain() -> None:
    block = np.repeat(np.arange(20), 20)
    labels = ["A"] * 400
    better = ["A" if i < 16 else "B" for i in block]
    alone, together = compare_models(labels, better, ["A"] * 400), compare_models(labels, better, ["A"] * 400, block)
    assert alone.interval is not None and together.interval is not None
    assert together.interval[0] < alone.interval[0] and together.interval[1] > alone.interval[1]
    assert compare_models(labels, better, labels, np.repeat([0, 1], 200)).interval is None


def test_tables_are_joined_by_name() -> None:
    a = Predictions(["x", "y", "z"], ["A", "B", "B"], ["A", "A", "B"])
    b = Predictions(["z", "w", "y"], ["A", "A", "A"], ["B", "A", "A"])
    pairs = pair_predictions(a, b)
    assert (pairs.paths, pairs.labels, pairs.a, pairs.b) == (["y", "z"], ["A", "B"], ["B", "B"], ["A", "A"])


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(DataError, match="1 common tiles different labels, 'x'"):
        pair_predictions(Predictions(["x"], ["A"], ["A"]), Predictions(["x"], ["A"], ["B"]))
    with pytest.raises(DataError, match="no test tile in common"):
        compare_models([], [], [])
    with pytest.raises(DataError, match="one each a tile"):
        compare_models(["A"], ["A"], [])
