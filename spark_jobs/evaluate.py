"""Predictions against labels."""

from __future__ import annotations

from typing import Any, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from spark_jobs.learn import Predicted


def metrics(predictions: Iterable[Predicted], classes: Sequence[str]) -> dict[str, Any]:
    """Classes, confusion matrix (confusion[i][j]: true class i predicted as j) and overall accuracy."""
    confusion = [[0] * len(classes) for _ in classes]
    for row in predictions:
        confusion[row.label][row.prediction] += 1
    total = sum(map(sum, confusion))
    right = sum(confusion[index][index] for index in range(len(classes)))
    return {"classes": list(classes), "confusion": confusion, "accuracy": round(right / total, 6) if total else None}


def predicted_counts(predictions: Iterable[Predicted], classes: Sequence[str]) -> dict[str, int]:
    """How many tiles were given to each class; classes without any have 0."""
    counts = [0] * len(classes)
    for row in predictions:
        counts[row.prediction] += 1
    return dict(zip(classes, counts))


def from_scores(paths: Sequence[str], scores: NDArray[np.float32]) -> list[Predicted]:
    """Predictions of a retrained network's scores [N, CLASSES], sorted by path.

    Probabilities are the softmax, or the scores themselves when each row is a distribution already.
    """
    exact = np.asarray(scores, np.float64).reshape(len(paths), -1)
    if not (len(exact) and (exact >= 0).all() and np.allclose(exact.sum(axis=1), 1, atol=1e-3)):
        exact = np.exp(exact - exact.max(axis=1, keepdims=True)) if len(exact) else exact
        exact = exact / exact.sum(axis=1, keepdims=True)
    chosen = np.asarray(scores).reshape(len(paths), -1).argmax(axis=1)
    return sorted(Predicted(path, -1, int(best), tuple(row)) for path, best, row in zip(paths, chosen, exact.tolist()))
