"""The arithmetic of confusion matrices, one or many at once.

`counts[..., i, j]` counts tiles of true class i predicted as class j.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Scores:
    """Shares between 0 and 1 (kappa -1 to 1). The first three are [...], the last three [..., CLASSES].

    What a zero denominator gives is said in `metrics`.
    """

    accuracy: Floats
    macro_f1: Floats
    kappa: Floats
    precision: Floats
    recall: Floats
    f1: Floats


def scores_of(counts: npt.NDArray[Any]) -> Scores:
    """The scores of each matrix in `counts` [..., CLASSES, CLASSES]."""
    right = np.diagonal(counts, axis1=-2, axis2=-1).astype(np.float64)
    true, predicted = counts.sum(axis=-1).astype(np.float64), counts.sum(axis=-2).astype(np.float64)
    total = true.sum(axis=-1)
    f1 = ratio(2 * right, true + predicted)
    by_chance = (true * predicted).sum(axis=-1)
    return Scores(
        accuracy=ratio(right.sum(axis=-1), total),
        macro_f1=ratio(f1.sum(axis=-1), ((true + predicted) > 0).sum(axis=-1).astype(np.float64)),
        kappa=ratio(right.sum(axis=-1) * total - by_chance, total**2 - by_chance),
        precision=ratio(right, predicted),
        recall=ratio(right, true),
        f1=f1,
    )


def ratio(above: npt.NDArray[Any], below: npt.NDArray[Any]) -> Floats:
    """`above` / `below`, 0 where `below` is 0."""
    out: Floats = np.zeros(np.broadcast(above, below).shape, dtype=np.float64)
    np.divide(above, below, out=out, where=below != 0)
    return out


def wilson(right: int, total: int) -> tuple[float, float]:
    """The Wilson score interval at 95 % of a share: honest near 0 and 1 and for few tiles (Wilson 1927)."""
    if total == 0:
        return 0.0, 1.0
    share, z2 = right / total, Z_95**2
    centre = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = Z_95 * sqrt(share * (1 - share) / total + z2 / (4 * total**2)) / (1 + z2 / total)
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))
