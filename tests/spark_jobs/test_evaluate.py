import numpy as np
import pytest

from spark_jobs.evaluate import from_scores, metrics, predicted_counts
from spark_jobs.learn import Predicted

CLASSES = ["A", "B", "C"]


def test_confusion_has_true_rows_and_predicted_columns() -> None:
    rows = [Predicted(str(index), true, guess, ()) for index, (true, guess) in enumerate([(0, 0), (0, 1), (0, 1), (2, 2)])]
    assert metrics(rows, CLASSES) == {"classes": CLASSES, "confusion": [[1, 2, 0], [0, 0, 0], [0, 0, 1]], "accuracy": 0.5}
    assert predicted_counts(rows, CLASSES) == {"A": 1, "B": 2, "C": 1}


def test_scores_become_probabilities_in_path_order() -> None:
    rows = from_scores(["b", "a"], np.array([[1000.0, 0, 0], [0, np.log(3), -np.inf]], np.float32))
    assert [(row.path, row.prediction) for row in rows] == [("a", 1), ("b", 0)]
    assert rows[0].probabilities == pytest.approx((0.25, 0.75, 0))
    assert rows[1].probabilities == (1, 0, 0)


def test_scores_that_are_a_distribution_stay_as_they_are() -> None:
    rows = from_scores(["a"], np.array([[0.2, 0.5, 0.3]], np.float32))
    assert rows[0].probabilities == pytest.approx((0.2, 0.5, 0.3))
