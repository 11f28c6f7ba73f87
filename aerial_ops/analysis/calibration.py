"""Calibration: when a model says "80 % sure", is it right four times out of five?

Tiles are put into bins of equal width by the probability of their predicted class. In each bin the mean probability is
compared with the share that is right. The expected calibration error is the mean difference, weighted by tiles (Naeini et
al. 2015, Guo et al. 2017).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.scores import wilson
from aerial_ops.errors import DataError

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Tiles whose probability is above `low` and at most `high` (the first bin holds 0 too).

    `certainty` is their mean probability, `accuracy` the share that is right, `interval` its Wilson 95 % interval.
    """

    low: float
    high: float
    tiles: int
    certainty: float
    accuracy: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Calibration:
    """The reliability table, without empty bins, and what it comes to; shares between 0 and 1.

    `expected_error` is the mean distance of a tile's bin from the truth, `largest_error` that of the worst bin. `excess` is
    mean probability minus accuracy: above 0 the model is too sure of itself. `unknown` counts tiles without a probability.
    """

    bins: tuple[Bin, ...]
    tiles: int
    unknown: int
    accuracy: float
    certainty: float
    excess: float
    expected_error: float
    largest_error: float


def calibration(certainty: npt.NDArray[np.float64], right: npt.NDArray[np.bool_], bins: int = BINS) -> Calibration | None:
    """Calibration of tiles with the probability `certainty` [TILES] of their predicted class, nan where it is not known, and
    whether the prediction is `right` [TILES]. None when no probability is known. Raises DataError when they do not fit.
    """
    sure, hit = np.asarray(certainty, dtype=np.float64), np.asarray(right, dtype=np.bool_)
    if sure.shape != hit.shape or sure.ndim != 1 or bins < 1:
        raise DataError("Calibration needs one probability and one answer a tile, and at least one bin.")
    known = ~np.isnan(sure)
    sure, hit = sure[known], hit[known]
    if not len(sure):
        return None
    if sure.min() < 0 or sure.max() > 1:
        raise DataError("Probabilities must lie between 0 and 1.")
    edges = np.linspace(0, 1, bins + 1)
    at = np.searchsorted(edges[1:-1], sure, side="left")
    tiles = np.bincount(at, minlength=bins)
    sums, hits = np.bincount(at, weights=sure, minlength=bins), np.bincount(at, weights=hit, minlength=bins)
    rows = tuple(
        Bin(
            low=float(edges[i]),
            high=float(edges[i + 1]),
            tiles=int(tiles[i]),
            certainty=float(sums[i] / tiles[i]),
            accuracy=float(hits[i] / tiles[i]),
            interval=wilson(int(hits[i]), int(tiles[i])),
        )
        for i in np.flatnonzero(tiles)
    )
    return Calibration(
        bins=rows,
        tiles=len(sure),
        unknown=int((~known).sum()),
        accuracy=float(hit.mean()),
        certainty=float(sure.mean()),
        excess=float(sure.mean() - hit.mean()),
        expected_error=float(np.abs(sums - hits).sum() / len(sure)),
        largest_error=max(abs(row.certainty - row.accuracy) for row in rows),
    )
