"""Hectares by class when the test set was drawn class by class, and so has another mix of classes than the land.

Such a test set tells how often a tile of true class j is mapped as i, Q_ji, but not what share of the tiles mapped as i are
j: that depends on how much of each class there is. The shares pi of the true classes are those under which the map is most
likely: they maximise sum_i W_i log sum_j pi_j Q_ji, where W_i is the mapped share of class i, found by expectation
maximisation (Saerens, Latinne and Decaestecker 2002; for land cover see Hay 1988). Intervals are quantiles over draws of Q:
each row is Dirichlet with the test set's counts plus one tile that is spread over all classes (Perks' prior), so that few
tiles, even without a mistake, do not pass for certainty. Nothing is assumed about the mix of the test set; but a class must
look alike on the map and in the test set.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.areas import (
    FEWEST_TILES,
    SQUARE_METRES_PER_HECTARE,
    Areas,
    ClassArea,
    Counts,
    Share,
    checked,
    estimate_areas,
    mix_distance,
)
from aerial_ops.analysis.scores import Floats, ratio

DRAWS = 400
ALIKE = 0.1
"""Up to this `mix_distance` a test set passes for a random sample of the mapped land."""
STEPS = 1000
CLOSE = 1e-8


def true_shares(mapped_as: Floats, mapped: Floats) -> Floats:
    """Shares of the true classes, [..., CLASSES], that explain the `mapped` shares [CLASSES].

    `mapped_as` is [..., CLASSES, CLASSES]: the share of each true class (rows) that is mapped as each class. Mapped land that
    no true class is ever taken for is left out; the shares add up to the rest.
    """
    explained = mapped * (mapped_as.sum(axis=-2) > 0)
    shares = np.full(mapped_as.shape[:-1], 1 / mapped_as.shape[-1]) * explained.sum(axis=-1, keepdims=True)
    for _ in range(STEPS):
        expected = np.einsum("...j,...ji->...i", shares, mapped_as)
        better = shares * np.einsum("...ji,...i->...j", mapped_as, ratio(explained, expected))
        change = np.abs(better - shares).max()
        shares = better
        if change < CLOSE:
            break
    return np.asarray(shares)


def corrected_areas(classes: Sequence[str], confusion: Counts, square_metres: Mapping[str, float]) -> Areas:
    """The estimate that suits the test set: Olofsson's where its mix of mapped classes is like the map's, else both."""
    by_map_class = estimate_areas(classes, confusion, square_metres)
    if by_map_class.mix_distance <= ALIKE:
        return by_map_class
    return replace(estimate_areas_by_class(classes, confusion, square_metres), other=by_map_class)


def estimate_areas_by_class(
    classes: Sequence[str], confusion: Counts, square_metres: Mapping[str, float], *, draws: int = DRAWS, seed: int = 0
) -> Areas:
    """Like `areas.estimate_areas`, for a test set drawn class by class. The half width of a share is half its interval."""
    names, counts, mapped = checked(classes, confusion, square_metres)
    total = float(mapped.sum())
    weight = mapped / total
    judged = (counts.sum(axis=1) >= FEWEST_TILES) & (counts.sum(axis=0) > 0)
    unjudged = np.where(judged, 0.0, weight)
    counts = np.where(judged[:, None], counts, 0)
    drawn_as = draw_mapped_as(counts, judged, draws, seed)
    shares = true_shares(drawn_as, weight - unjudged) + unjudged
    right = shares * np.diagonal(drawn_as, axis1=1, axis2=2)
    fitted = np.einsum("dj,dji->di", shares, drawn_as)
    users, producers, overall = ratio(right, fitted), np.diagonal(drawn_as, axis1=1, axis2=2), right.sum(axis=1)
    sure = not unjudged.any()
    low, high = np.quantile(shares[1:], [0.025, 0.975], axis=0)
    low, high = np.minimum(low, shares[0]) - unjudged, np.maximum(high, shares[0]) + unjudged.sum() - unjudged
    hectares = total / SQUARE_METRES_PER_HECTARE
    tested = counts.sum(axis=0)
    rows = tuple(
        ClassArea(
            name=name,
            mapped=float(weight[i]) * hectares,
            estimate=float(shares[0, i]) * hectares,
            low=max(0.0, float(low[i])) * hectares,
            high=min(1.0, float(high[i])) * hectares,
            users=_share(users[:, i], bool(tested[i])),
            producers=_share(producers[:, i], bool(counts[i].any())),
        )
        for i, name in enumerate(names)
    )
    return Areas(
        method="by true class",
        rows=rows,
        total=hectares,
        overall=_share(overall, sure),
        unsupported=tuple(name for name, land in zip(names, unjudged, strict=True) if land > 0),
        mix_distance=mix_distance(tested, weight),
    )


def draw_mapped_as(counts: npt.NDArray[np.int64], judged: npt.NDArray[np.bool_], draws: int, seed: int) -> Floats:
    """The share of each true class that is mapped as each class: as tested, then `draws` draws; [1 + DRAWS, CLASSES, CLASSES]."""
    known = counts + (judged[:, None] & judged) / max(int(judged.sum()), 1)
    drawn = np.random.default_rng(seed).standard_gamma(known, size=(draws, *counts.shape))
    every = np.concatenate([counts[None].astype(np.float64), drawn])
    return ratio(every, every.sum(axis=2, keepdims=True))


def _share(values: Floats, known: bool) -> Share:
    if not known:
        return Share(None, None)
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return Share(float(values[0]), float(high - low) / 2)
