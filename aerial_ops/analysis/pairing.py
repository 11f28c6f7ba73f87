"""Two models on the same test tiles: which is right more often, and whether that can be chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import lgamma, log

import numpy as np

from aerial_ops.analysis.resampling import DRAWS, Interval, Ints, difference_interval
from aerial_ops.analysis.tables import Predictions
from aerial_ops.errors import DataError


@dataclass(frozen=True, slots=True)
class Paired:
    """Tiles by who was right. `difference` is the accuracy of a minus that of b, over these tiles.

    `interval` is its bootstrap 95 % interval (None with too few blocks). `p_value` is that of McNemar's exact test: how often
    two equally good models would disagree at least this unevenly.
    """

    both: int
    only_a: int
    only_b: int
    neither: int
    difference: float
    interval: Interval | None
    p_value: float

    @property
    def total(self) -> int:
        """All tiles."""
        return self.both + self.only_a + self.only_b + self.neither


@dataclass(frozen=True, slots=True)
class Pairs:
    """The tiles that two tables of test predictions have in common, in the order of the first."""

    paths: list[str]
    labels: list[str]
    a: list[str]
    b: list[str]


def pair_predictions(a: Predictions, b: Predictions) -> Pairs:
    """Join two labelled tables by blob name. Raises DataError when they disagree about a tile's label."""
    other = dict(zip(b.paths, zip(b.labels, b.predicted, strict=True), strict=True))
    rows = [(p, la, pa, *other[p]) for p, la, pa in zip(a.paths, a.labels, a.predicted, strict=True) if p in other]
    unlike = [path for path, label, _, other_label, _ in rows if label != other_label]
    if unlike:
        raise DataError(
            f"The two test sets give {len(unlike):,} common tiles different labels, {unlike[0]!r} first.",
            suggestion="Compare models that were tested on the same test set: train one of them again.",
        )
    return Pairs([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows], [r[4] for r in rows])


def compare_models(
    labels: Sequence[str], a: Sequence[str], b: Sequence[str], blocks: Ints | None = None, *, draws: int = DRAWS, seed: int = 0
) -> Paired:
    """Compare predictions `a` and `b` of tiles with `labels`; one of each a tile, and `blocks` [TILES] where places are known.

    Raises DataError when there are no tiles or the lengths differ.
    """
    if not len(labels) == len(a) == len(b) or (blocks is not None and len(blocks) != len(labels)):
        raise DataError("Labels, both models' predictions and blocks must be one each a tile.")
    if not len(labels):
        raise DataError("The two models have no test tile in common.", suggestion="Compare models tested on the same test set.")
    true = np.array(labels, dtype=object)
    right_a, right_b = np.array(a, dtype=object) == true, np.array(b, dtype=object) == true
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    return Paired(
        both=int((right_a & right_b).sum()),
        only_a=only_a,
        only_b=only_b,
        neither=int((~right_a & ~right_b).sum()),
        difference=(only_a - only_b) / len(labels),
        interval=difference_interval(right_a.astype(np.int64) - right_b.astype(np.int64), blocks, draws, seed),
        p_value=mcnemar(only_a, only_b),
    )


def mcnemar(only_a: int, only_b: int) -> float:
    """The two-sided p-value of McNemar's exact test: a fair coin thrown once for each tile of which only one model is right."""
    n, k = only_a + only_b, min(only_a, only_b)
    tail = sum(np.exp(lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) - n * log(2)) for i in range(k + 1))
    return float(min(1.0, 2 * tail))
