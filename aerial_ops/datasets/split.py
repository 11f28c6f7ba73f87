"""The split by place: a block of columns is held out, the same in all scenes, so that no place is in both sets in any year."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, log

import numpy as np
import numpy.typing as npt

from aerial_ops.datasets.labels import Label
from aerial_ops.errors import DataError

BALANCED = log(2)
"""A block is balanced when each class's share of held-out tiles is between half and twice the share asked for."""


@dataclass(frozen=True)
class Split:
    """Columns of the test set, and classes that no block of columns can divide into both sets."""

    test_columns: frozenset[int]
    left_out: tuple[str, ...]


def split_by_place(labels: Mapping[tuple[int, int], Label], fraction: float, seed: int) -> Split:
    """Choose the block of columns to hold out, about `fraction` of those that have tiles.

    Among the blocks in which every class has its share, `seed` chooses; when there is none, the one that comes nearest is taken.
    Raises DataError when fewer than two columns or classes can be used.
    """
    columns = sorted({column for _, column in labels})
    if len(columns) < 2:
        raise DataError(
            f"Labelled tiles lie in {len(columns)} column of the grid; at least 2 are needed to split by place.",
            suggestion="Choose a smaller --tile-pixels or a lower --majority, or give more scenes.",
        )
    names = sorted({label.name for label in labels.values()})
    counts = np.zeros((len(names), len(columns)), np.int64)
    for (_, column), label in labels.items():
        counts[names.index(label.name), columns.index(column)] += 1
    width = min(max(round(fraction * len(columns)), 1), len(columns) - 1)
    distances = [_distances(counts, start, width, fraction) for start in range(len(columns) - width + 1)]
    start = _choose(distances, seed)
    left_out = tuple(name for name, distance in zip(names, distances[start], strict=True) if distance == inf)
    if len(names) - len(left_out) < 2:
        raise DataError(
            f"Only {len(names) - len(left_out)} class has tiles for both training and test (found: {', '.join(names)}).",
            suggestion="Choose a smaller --tile-pixels, a lower --majority or another --test-fraction, or give more scenes.",
        )
    return Split(frozenset(columns[start : start + width]), left_out)


def _distances(counts: npt.NDArray[np.int64], start: int, width: int, fraction: float) -> list[float]:
    """How far each class's held-out share is from `fraction` (0: equal; infinite: none or all of it is held out)."""
    shares = counts[:, start : start + width].sum(axis=1) / counts.sum(axis=1)
    return [abs(log(share / fraction)) if 0 < share < 1 else inf for share in shares]


def _choose(distances: list[list[float]], seed: int) -> int:
    balanced = [start for start, values in enumerate(distances) if max(values) <= BALANCED]
    if balanced:
        return int(np.random.default_rng(seed).choice(balanced))

    def badness(start: int) -> tuple[int, float]:
        values = distances[start]
        return sum(value == inf for value in values), max((value for value in values if value < inf), default=inf)

    return min(range(len(distances)), key=badness)
