"""Newly developed land: tiles that the model calls Developed and older labels call something else."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.areas import SQUARE_METRES_PER_HECTARE
from aerial_ops.analysis.clusters import Cluster, clusters_of
from aerial_ops.analysis.county import County
from aerial_ops.analysis.joining import ABSENT, positions
from aerial_ops.analysis.metrics import DEVELOPED, Metrics
from aerial_ops.analysis.scores import Floats

DRAWS = 2000


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """Tiles that would be called newly developed although nothing was built: the expected number and its 95 % interval."""

    tiles: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Development:
    """Newly developed land. `tiles` [TILES of the county] marks it; `clusters` are its places, the most certain first.

    `compared` counts tiles that have an older label. `false_alarms` is what the classifier's mistakes alone would give when
    every older label still held; None without a confusion matrix, or when it has no tiles of some older class.
    """

    clusters: tuple[Cluster, ...]
    tiles: npt.NDArray[np.bool_]
    hectares: float
    compared: int
    false_alarms: FalseAlarms | None


def newly_developed(
    county: County,
    older: Mapping[str, str],
    probability: Floats | None = None,
    *,
    metrics: Metrics | None = None,
    smoothed: bool = False,
    seed: int = 0,
) -> Development:
    """Compare the county with `older` labels by tile name; these may hold classes that the model does not know.

    `probability` [TILES] is that of Developed. `metrics` are the model's on its test set: from them come the false alarms.
    With `smoothed` the classes after the vote are compared; false alarms are then those of the unsmoothed map, so too many.
    """
    was = np.array([*older.values(), ""], dtype=object)[positions(county.places.names, list(older))]
    known = was != ""
    labels = county.smoothed if smoothed else county.raw
    index = county.classes.index(DEVELOPED) if DEVELOPED in county.classes else ABSENT
    found = known & (labels == index) & (was != DEVELOPED)
    tiles = np.flatnonzero(found)
    return Development(
        clusters=clusters_of(
            county, tiles, was[tiles].tolist(), [DEVELOPED] * len(tiles), None if probability is None else probability[tiles]
        ),
        tiles=found,
        hectares=float(county.area[tiles].sum()) / SQUARE_METRES_PER_HECTARE,
        compared=int(known.sum()),
        false_alarms=_false_alarms(was[known], metrics, seed) if metrics else None,
    )


def _false_alarms(was: npt.NDArray[np.object_], metrics: Metrics, seed: int) -> FalseAlarms | None:
    """Sum over older classes of their tiles times the share of such test tiles that is taken for Developed.

    The interval draws each share from its Beta distribution, with the prior of `shares`.
    """
    names, tiles = np.unique(was[was != DEVELOPED].astype(str), return_counts=True)
    support = {one.name: (i, one.support) for i, one in enumerate(metrics.per_class)}
    if any(support.get(name, (0, 0))[1] == 0 for name in names):
        return None
    if DEVELOPED not in support:
        return FalseAlarms(0.0, 0.0, 0.0)
    column = support[DEVELOPED][0]
    taken = np.array([metrics.confusion[support[name][0]][column] for name in names], dtype=np.float64)
    all_of = np.array([support[name][1] for name in names], dtype=np.float64)
    prior = 1 / len(metrics.classes)
    drawn = np.random.default_rng(seed).beta(taken + prior, all_of - taken + 1 - prior, size=(DRAWS, len(names))) @ tiles
    expected = float((taken / all_of) @ tiles)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return FalseAlarms(expected, min(float(low), expected), max(float(high), expected))
