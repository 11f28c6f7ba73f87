"""How good a classification is: numbers that all follow from one confusion matrix.

Rules where a denominator is zero, the same as scikit-learn's with `zero_division=0`:
- precision is 0 for a class that was never predicted, recall is 0 for a class without true tiles, F1 is 0 where both are 0;
- macro-F1 is the mean over the classes that occur as a label or as a prediction (a class that occurs in neither is left out);
- kappa is 0 where chance alone would always agree (one class on both sides);
- without any tile the accuracy is 0 and its interval 0 to 1: nothing is known.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from aerial_ops.analysis.scores import ratio, scores_of, wilson
from aerial_ops.errors import DataError

DEVELOPED, CULTIVATED, UNDEVELOPED = GROUPS = ("Developed", "Cultivated", "Undeveloped")
Matrix = tuple[tuple[int, ...], ...]


def group_of(label: str) -> str:
    """The group of a class: Developed and Cultivated are their own, everything else is Undeveloped."""
    return label if label in (DEVELOPED, CULTIVATED) else UNDEVELOPED


class ClassMetrics(BaseModel):
    """One class against all others. Shares are between 0 and 1, counts are tiles.

    `precision`: of the tiles predicted as this class, the share that are. `recall`: of the tiles that are, the share found.
    `accuracy`: of all tiles, the share for which "is it this class or not" was answered right (one against the rest; it is
    high for a rare class even when that class is never found, so read it beside recall). The intervals are Wilson's at 95 %.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    precision: float
    precision_interval: tuple[float, float]
    recall: float
    recall_interval: tuple[float, float]
    f1: float
    accuracy: float
    support: int
    predicted: int


class GroupMetrics(BaseModel):
    """The same tiles in three groups; a Barren tile taken for Forest counts as right here."""

    model_config = ConfigDict(frozen=True)

    names: tuple[str, ...]
    confusion: Matrix
    accuracy: float
    accuracy_interval: tuple[float, float]


class Metrics(BaseModel):
    """Quality of a classification. Only `classes` and `confusion` are read from a file; the rest is computed from them.

    `confusion[i][j]` counts tiles of true class i predicted as class j. `accuracy_interval` is
    the Wilson 95 % interval of the accuracy.
    """

    model_config = ConfigDict(frozen=True)

    classes: tuple[str, ...]
    confusion: Matrix
    total: int
    accuracy: float
    accuracy_interval: tuple[float, float]
    macro_f1: float
    kappa: float
    per_class: tuple[ClassMetrics, ...]
    groups: GroupMetrics

    @model_validator(mode="before")
    @classmethod
    def _from_counts(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            raise ValueError("metrics must be an object with classes and confusion")
        return _computed([str(name) for name in given.get("classes", ())], _checked(given.get("confusion", ())))

    @classmethod
    def from_confusion(cls, classes: Sequence[str], matrix: Sequence[Sequence[int]] | npt.NDArray[np.integer]) -> Self:
        """Metrics of counts [true, predicted]. Raises DataError when the matrix does not fit the classes."""
        try:
            return cls.model_validate({"classes": list(classes), "confusion": matrix})
        except ValidationError as error:
            raise DataError(f"The confusion matrix is not usable: {error.errors()[0]['msg']}.") from error

    @classmethod
    def from_predictions(cls, labels: Iterable[str], predictions: Iterable[str], classes: Sequence[str] | None = None) -> Self:
        """Metrics of true and predicted labels, one of each a tile; `classes` defaults to the labels that occur, sorted."""
        true, predicted = list(labels), list(predictions)
        if len(true) != len(predicted):
            raise DataError(f"There are {len(true):,} labels and {len(predicted):,} predictions; there must be one each a tile.")
        names = sorted({*true, *predicted}) if classes is None else list(classes)
        index = {name: i for i, name in enumerate(names)}
        unknown = sorted({*true, *predicted} - index.keys())
        if unknown:
            raise DataError(f"Labels that are not among the classes: {', '.join(map(repr, unknown[:10]))}.")
        matrix = np.zeros((len(names), len(names)), dtype=np.int64)
        np.add.at(matrix, ([index[name] for name in true], [index[name] for name in predicted]), 1)
        return cls.from_confusion(names, matrix)


def _checked(matrix: Any) -> npt.NDArray[np.int64]:
    try:
        counts = np.asarray(matrix)
        whole = counts.astype(np.int64)
    except (TypeError, ValueError, OverflowError):
        raise ValueError("the counts are not a table of whole numbers") from None
    if whole.ndim != 2 or whole.shape[0] != whole.shape[1]:
        raise ValueError(f"it must be square and not empty, but its shape is {whole.shape}")
    if (counts != whole).any() or (whole < 0).any():
        raise ValueError("counts must be whole numbers and not negative")
    return whole


def _computed(classes: list[str], counts: npt.NDArray[np.int64]) -> dict[str, Any]:
    if len(classes) != len(counts):
        raise ValueError(f"there are {len(classes)} classes and {len(counts)} rows")
    if len(set(classes)) != len(classes):
        raise ValueError("a class occurs twice")
    total, scores = int(counts.sum()), scores_of(counts)
    right, true, predicted = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    one_vs_rest = ratio(total - true - predicted + 2 * right, np.full_like(right, total))
    per_class = [
        {
            "name": name,
            "precision": scores.precision[i],
            "precision_interval": wilson(int(right[i]), int(predicted[i])),
            "recall": scores.recall[i],
            "recall_interval": wilson(int(right[i]), int(true[i])),
            "f1": scores.f1[i],
            "accuracy": one_vs_rest[i],
            "support": true[i],
            "predicted": predicted[i],
        }
        for i, name in enumerate(classes)
    ]
    grouped = _grouped(classes, counts)
    return {
        "classes": classes,
        "confusion": counts.tolist(),
        "total": total,
        **_accuracy(counts),
        "macro_f1": float(scores.macro_f1),
        "kappa": float(scores.kappa),
        "per_class": per_class,
        "groups": {"names": GROUPS, "confusion": grouped.tolist(), **_accuracy(grouped)},
    }


def _grouped(classes: list[str], counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    member = np.array([[group_of(name) == group for name in classes] for group in GROUPS], dtype=np.int64)
    product: npt.NDArray[np.int64] = member @ counts @ member.T
    return product


def _accuracy(counts: npt.NDArray[np.int64]) -> dict[str, Any]:
    right, total = int(np.trace(counts)), int(counts.sum())
    return {"accuracy": right / total if total else 0.0, "accuracy_interval": wilson(right, total)}
