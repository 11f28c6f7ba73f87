"""Two scorings of the same place: what changed where, and how much of that mistakes alone would show.

Two maps that are each right for nine tiles of ten differ in nearly two of ten even when nothing has changed. When both err
independently, land of true class c is mapped as i before and as j after with the probability P_ci Q_cj, where P and Q are the
shares of test tiles of class c that the two models call i and j. Summed over the land of each true class that is the change
to expect from mistakes alone. A mistake that is made in both years at the same place does not show as change, and one model
on like pictures makes many such mistakes: the expectation is an upper bound.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.areas import SQUARE_METRES_PER_HECTARE
from aerial_ops.analysis.clusters import Cluster, clusters_of
from aerial_ops.analysis.county import County
from aerial_ops.analysis.matching import Matches, match_places
from aerial_ops.analysis.metrics import Metrics
from aerial_ops.analysis.scores import Floats, ratio
from aerial_ops.analysis.shares import draw_mapped_as, true_shares
from aerial_ops.errors import DataError

DRAWS = 400


@dataclass(frozen=True, slots=True)
class ByError:
    """What mistakes alone would show where nothing changed: hectares [BEFORE, AFTER], and the changed share with its interval."""

    hectares: Floats
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Change:
    """Two maps of one place. `hectares[i, j]` is land of class i before and j after; both index `classes`.

    `matches` pairs the tiles; `before` and `after` are the classes of each pair, `changed` marks pairs whose class differs.
    `only_before` and `only_after` count tiles without a partner. `by_error` is None without test results for all classes.
    """

    classes: tuple[str, ...]
    matches: Matches
    before: npt.NDArray[np.int64]
    after: npt.NDArray[np.int64]
    hectares: Floats
    only_before: int
    only_after: int
    by_error: ByError | None

    @property
    def changed(self) -> npt.NDArray[np.bool_]:
        """Whether the class differs, [PAIRS]."""
        return np.not_equal(self.before, self.after)

    @property
    def share(self) -> float:
        """The share of the land whose class differs."""
        total = float(self.hectares.sum())
        return 1 - float(np.trace(self.hectares)) / total if total else 0.0

    @property
    def beyond_error(self) -> float | None:
        """The share of the land that changed beyond what mistakes alone would show, at least; 0 when they explain all."""
        return None if self.by_error is None else max(0.0, self.share - self.by_error.share)


def compare_scorings(
    before: County,
    after: County,
    *,
    tested: tuple[Metrics, Metrics] | None = None,
    smoothed: bool = False,
    seed: int = 0,
) -> Change:
    """Compare two maps of the same place, tile by tile where they lie.

    `tested` are the models' metrics on their test sets, before and after (twice the same for one model); they speak for
    unsmoothed maps, so with `smoothed` nothing is said of mistakes. Raises DataError when the maps have no place in common or
    tiles of different sizes.
    """
    matches = match_places(before, after)
    if not len(matches.after):
        raise DataError(
            "The two maps have no place in common.", suggestion="Compare two scorings of the same county: aerial-ops runs list"
        )
    others = (*before.classes, *(name for metrics in tested or () for name in metrics.classes))
    classes = tuple(dict.fromkeys((*after.classes, *others)))
    was, now = (
        np.array([classes.index(name) for name in county.classes])[(county.smoothed if smoothed else county.raw)[pairs]]
        for county, pairs in ((before, matches.before), (after, matches.after))
    )
    count = len(classes)
    land = np.bincount(was * count + now, weights=after.area[matches.after], minlength=count**2).reshape(count, count)
    hectares = land / SQUARE_METRES_PER_HECTARE
    return Change(
        classes=classes,
        matches=matches,
        before=was,
        after=now,
        hectares=hectares,
        only_before=len(before) - len(matches.before),
        only_after=len(after) - len(matches.after),
        by_error=_by_error(classes, hectares, tested, seed) if tested and not smoothed else None,
    )


def change_clusters(change: Change, after: County, probability: Floats | None = None) -> tuple[Cluster, ...]:
    """The places that changed, each from one class to another; `probability` [TILES of after] is that of the class after.

    The clusters' tiles are places in `after`.
    """
    changed = np.flatnonzero(change.changed)
    tiles = change.matches.after[changed]
    names = np.array(change.classes, dtype=object)
    sure = None if probability is None else probability[tiles]
    return clusters_of(
        after, tiles, names[change.before[changed]].tolist(), names[change.after[changed]].tolist(), sure, alike=True
    )


def _by_error(classes: Sequence[str], hectares: Floats, tested: tuple[Metrics, Metrics], seed: int) -> ByError | None:
    """None when a class on one of the maps has no test tiles: nothing is known about how it is taken."""
    counts = [_counts(metrics, classes) for metrics in tested]
    mapped = [hectares.sum(axis=1), hectares.sum(axis=0)]
    judged = (counts[0].sum(axis=1) > 0) & (counts[1].sum(axis=1) > 0)
    if (np.add(*mapped)[~judged] > 0).any():
        return None
    total = hectares.sum()
    drawn = [draw_mapped_as(side * judged[:, None], judged, DRAWS, seed + i) for i, side in enumerate(counts)]
    # Nothing changed is what is supposed here, so both maps tell of the same true shares.
    shares = np.add(*(true_shares(side, land / total) for side, land in zip(drawn, mapped, strict=True)))
    shares = ratio(shares, shares.sum(axis=-1, keepdims=True))
    expected = np.einsum("dc,dci,dcj->dij", shares, *drawn)
    changed = 1 - np.trace(expected, axis1=1, axis2=2)
    low, high = np.quantile(changed[1:], [0.025, 0.975])
    share = float(changed[0])
    return ByError(expected[0] * total, share, min(float(low), share), max(float(high), share))


def _counts(metrics: Metrics, classes: Sequence[str]) -> npt.NDArray[np.int64]:
    """The confusion matrix laid out over `classes`, which hold all of its own."""
    counts = np.zeros((len(classes), len(classes)), dtype=np.int64)
    at = [classes.index(name) for name in metrics.classes]
    counts[np.ix_(at, at)] = np.array(metrics.confusion)
    return counts
