"""Hectares by class: as mapped, and corrected for the classifier's mistakes, each with a 95 % interval.

Counting a map's tiles is biased: a class that others are taken for looks larger than it is. `estimate_areas` corrects it by
the stratified estimator of Olofsson et al. (2014), "Good practices for estimating area and assessing accuracy of land
change", Remote Sensing of Environment 148, equations 5 to 11. Each map class i is a stratum with the share W_i of the
mapped area. Of the n_i. test tiles mapped as i, n_ij are truly j. So class j covers the share sum_i W_i n_ij / n_i., with
the variance sum_i W_i^2 (n_ij / n_i.) (1 - n_ij / n_i.) / (n_i. - 1).

It takes the test tiles of each map class for a random sample of the land that is mapped as that class. A test set that holds
as many tiles of a rare class as of a common one is none; for such a set see `shares`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.scores import Z_95, Floats, ratio
from aerial_ops.errors import DataError

SQUARE_METRES_PER_HECTARE = 10_000.0
FEWEST_TILES = 2
"""A stratum of one test tile has no variance."""

Counts = Sequence[Sequence[int]] | npt.NDArray[np.integer]
Method = Literal["by map class", "by true class"]


@dataclass(frozen=True, slots=True)
class Share:
    """A share between 0 and 1 and the half width of its 95 % interval; both None when the test set does not tell."""

    value: float | None
    half: float | None


@dataclass(frozen=True, slots=True)
class ClassArea:
    """Hectares of one class: `mapped` is the raw count, `estimate` the corrected one, between `low` and `high` at 95 %.

    `users` is the share of the class's mapped land that is the class (user's accuracy), `producers` the share of its true
    land that is mapped so (producer's accuracy).
    """

    name: str
    mapped: float
    estimate: float
    low: float
    high: float
    users: Share
    producers: Share


@dataclass(frozen=True, slots=True)
class Areas:
    """Areas of all classes in hectares; `overall` is the share of the land that is mapped right.

    `unsupported` names classes that cover mapped land but have fewer than two test tiles to judge them by: their land is
    counted as mapped, and every interval is widened by as much as that could be wrong. `mix_distance` is how far the mix of
    mapped classes in the test set is from that of the map (0 alike, 1 nothing in common). `other` is the estimate by map class
    beside one by true class, where both were made.
    """

    method: Method
    rows: tuple[ClassArea, ...]
    total: float
    overall: Share
    unsupported: tuple[str, ...]
    mix_distance: float
    other: "Areas | None" = None


def estimate_areas(classes: Sequence[str], confusion: Counts, square_metres: Mapping[str, float]) -> Areas:
    """Areas of `classes` from the test set's `confusion` [true, predicted] and the mapped land by class in square metres.

    Mapped classes that are not among `classes` are added after them. Raises DataError without any mapped land, and when the
    matrix does not fit.
    """
    names, counts, mapped = checked(classes, confusion, square_metres)
    total = float(mapped.sum())
    tested = counts.sum(axis=0)
    known = tested >= FEWEST_TILES
    weight = mapped / total
    # truth[i, j]: share of the tiles mapped as i that are j; what cannot be judged counts as mapped.
    truth = np.where(known[:, None], ratio(counts.T, tested[:, None]), np.eye(len(names)))
    variance = np.where(known[:, None], truth * (1 - truth) / np.maximum(tested - 1, 1)[:, None], 0.0)
    area = weight @ truth
    half = Z_95 * np.sqrt(weight**2 @ variance)
    unjudged = np.where(known, 0.0, weight)
    low, high = area - half - unjudged, area + half + unjudged.sum() - unjudged
    users = np.diag(truth)
    users_half = Z_95 * np.sqrt(np.diag(variance))
    producers, producers_half = _producers(weight, truth, variance, area)
    sure = not unjudged.any()
    rows = tuple(
        ClassArea(
            name=name,
            mapped=_hectares(mapped[i]),
            estimate=_hectares(area[i] * total),
            low=_hectares(max(0.0, low[i]) * total),
            high=_hectares(min(1.0, high[i]) * total),
            users=_share(users[i], users_half[i], known[i]),
            producers=_share(producers[i], producers_half[i], sure and area[i] > 0),
        )
        for i, name in enumerate(names)
    )
    return Areas(
        method="by map class",
        rows=rows,
        total=_hectares(total),
        overall=_share(float(weight @ users), Z_95 * float(np.sqrt(weight**2 @ np.diag(variance))), sure),
        unsupported=tuple(name for name, land in zip(names, unjudged, strict=True) if land > 0),
        mix_distance=mix_distance(tested, weight),
    )


def checked(
    classes: Sequence[str], confusion: Counts, square_metres: Mapping[str, float]
) -> tuple[list[str], npt.NDArray[np.int64], Floats]:
    """Classes, counts [true, predicted] and mapped square metres [CLASSES], with mapped classes that the test set lacks."""
    names = [*classes, *sorted(set(square_metres) - set(classes))]
    given = np.asarray(confusion, dtype=np.int64)
    if given.shape != (len(classes), len(classes)) or (given < 0).any():
        raise DataError(f"A confusion matrix of {len(classes)} classes cannot have the shape {given.shape} or negative counts.")
    counts = np.zeros((len(names), len(names)), dtype=np.int64)
    counts[: len(classes), : len(classes)] = given
    mapped = np.array([square_metres.get(name, 0.0) for name in names])
    if not (mapped >= 0).all() or not mapped.sum() > 0:
        raise DataError("There is no mapped land to estimate areas of.")
    return names, counts, mapped


def mix_distance(tested: npt.NDArray[np.int64], weight: Floats) -> float:
    """Half the sum of the differences between the test set's shares of mapped classes and the map's; 1 without test tiles."""
    return float(np.abs(tested / tested.sum() - weight).sum() / 2) if tested.sum() else 1.0


def _producers(weight: Floats, truth: Floats, variance: Floats, area: Floats) -> tuple[Floats, Floats]:
    """Producer's accuracies and half widths (equation 7, with areas as shares)."""
    right = weight * np.diag(truth)
    share = ratio(right, area)
    own = weight**2 * (1 - share) ** 2 * np.diag(variance)
    others = share**2 * (weight**2 @ variance - weight**2 * np.diag(variance))
    return share, Z_95 * np.sqrt(ratio(own + others, area**2))


def _share(value: float, half: float, known: bool | np.bool_) -> Share:
    return Share(float(value), float(half)) if known else Share(None, None)


def _hectares(square_metres: float) -> float:
    return float(square_metres) / SQUARE_METRES_PER_HECTARE
