import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from aerial_ops.analysis.metrics import GROUPS, Metrics, group_of, wilson
from aerial_ops.errors import DataError
from aerial_ops.storage.layout import CLASSES

pairs = st.lists(st.tuples(st.sampled_from(CLASSES), st.sampled_from(CLASSES)), min_size=1, max_size=60)


@given(pairs)
def test_every_number_is_scikit_learns(tiles: list[tuple[str, str]]) -> None:
    true, predicted = [t for t, _ in tiles], [p for _, p in tiles]
    found = Metrics.from_predictions(true, predicted, CLASSES)
    precision, recall, f1, support = sk.precision_recall_fscore_support(true, predicted, labels=CLASSES, zero_division=0)
    assert found.total == len(tiles)
    assert found.accuracy == pytest.approx(sk.accuracy_score(true, predicted))
    assert found.macro_f1 == pytest.approx(sk.f1_score(true, predicted, average="macro", zero_division=0))
    assert found.confusion == tuple(map(tuple, sk.confusion_matrix(true, predicted, labels=CLASSES).tolist()))
    assert [c.precision for c in found.per_class] == pytest.approx(precision)
    assert [c.recall for c in found.per_class] == pytest.approx(recall)
    assert [c.f1 for c in found.per_class] == pytest.approx(f1)
    assert [c.support for c in found.per_class] == support.tolist()
    for name, one in zip(CLASSES, found.per_class, strict=True):
        assert one.accuracy == pytest.approx(np.mean([(t == name) == (p == name) for t, p in tiles]))
        assert one.predicted == predicted.count(name)
    if len({*true, *predicted}) > 1:
        assert found.kappa == pytest.approx(sk.cohen_kappa_score(true, predicted))
    grouped = [group_of(t) for t in true], [group_of(p) for p in predicted]
    assert found.groups.accuracy == pytest.approx(sk.accuracy_score(*grouped))
    assert found.groups.confusion == tuple(map(tuple, sk.confusion_matrix(*grouped, labels=GROUPS).tolist()))


@given(pairs)
def test_what_is_written_reads_back_the_same(tiles: list[tuple[str, str]]) -> None:
    found = Metrics.from_predictions([t for t, _ in tiles], [p for _, p in tiles])
    assert Metrics.model_validate_json(found.model_dump_json()) == found


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_interval_holds_the_share_and_stays_within_bounds(right: int, more: int) -> None:
    low, high = wilson(right, right + more)
    assert 0 <= low <= right / (right + more) <= high <= 1


def test_the_interval_of_a_known_example() -> None:
    assert wilson(8, 10) == pytest.approx((0.4901625, 0.9433178), abs=1e-6)
    assert wilson(0, 0) == (0, 1)


def test_derived_numbers_in_a_file_are_not_believed() -> None:
    document = json.loads(Metrics.from_confusion(["A", "B"], [[9, 1], [2, 8]]).model_dump_json())
    document["accuracy"] = 1.0
    assert Metrics.model_validate(document).accuracy == 0.85


def test_one_class_on_both_sides_says_nothing_beyond_chance() -> None:
    found = Metrics.from_confusion(["A", "B"], [[5, 0], [0, 0]])
    assert (found.accuracy, found.kappa, found.macro_f1) == (1, 0, 1)


def test_no_tiles_at_all() -> None:
    found = Metrics.from_confusion(["A"], [[0]])
    assert (found.total, found.accuracy, found.accuracy_interval, found.macro_f1) == (0, 0, (0, 1), 0)


@pytest.mark.parametrize(
    ("classes", "matrix", "words"),
    [
        (["A", "B"], [[1]], "2 classes and 1 rows"),
        (["A", "A"], [[1, 0], [0, 1]], "occurs twice"),
        (["A", "B"], [[1, 0]], "square"),
        (["A"], [[-1]], "not negative"),
        (["A"], [[0.5]], "whole numbers"),
        (["A", "B"], [[1, 2], [3]], "whole numbers"),
        ([], [], "square"),
    ],
)
def test_a_matrix_that_does_not_fit_is_refused(classes: list[str], matrix: list[list[int]], words: str) -> None:
    with pytest.raises(DataError, match=words):
        Metrics.from_confusion(classes, matrix)


def test_labels_and_predictions_must_match() -> None:
    with pytest.raises(DataError, match="2 labels and 1 predictions"):
        Metrics.from_predictions(["A", "B"], ["A"])
    with pytest.raises(DataError, match="'Z'"):
        Metrics.from_predictions(["Z"], ["A"], ["A"])
