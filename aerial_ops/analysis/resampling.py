"""Intervals of scores by the bootstrap (Efron 1979), over blocks of neighbouring tiles where their places are known.

Neighbouring tiles resemble each other, so a test set of few places knows less than its number of tiles says. Drawing whole
blocks with replacement keeps neighbours together (block bootstrap: Künsch 1989; in space: Hall 1985). Without places every
tile is drawn on its own. Intervals are the 2.5 % and 97.5 % quantiles of the draws; the same seed gives the same intervals.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.geodesy import metres_per_degree
from aerial_ops.analysis.joining import ABSENT, positions
from aerial_ops.analysis.metrics import GROUPS, group_of
from aerial_ops.analysis.scores import Floats, scores_of
from aerial_ops.analysis.tables import Places
from aerial_ops.errors import DataError

Interval = tuple[float, float]
Ints = npt.NDArray[np.integer]

FEWEST_BLOCKS = 10
"""With fewer blocks the quantiles of the draws are too narrow to be called an interval."""
BLOCK_TILES = 10
"""Tiles along a side of a block."""
DRAWS = 2000
AT_ONCE = 2_000_000


@dataclass(frozen=True, slots=True)
class Intervals:
    """95 % intervals. `blocks` is how many places were drawn from, None when every tile was drawn on its own.

    `precision`, `recall` and `f1` are by class; None for a class that never occurs in the draws (for recall: as a label, for
    precision: as a prediction).
    """

    blocks: int | None
    draws: int
    accuracy: Interval
    macro_f1: Interval
    kappa: Interval
    groups_accuracy: Interval
    precision: dict[str, Interval | None]
    recall: dict[str, Interval | None]
    f1: dict[str, Interval | None]


def blocks_of_tiles(places: Places, names: Sequence[str]) -> npt.NDArray[np.int64] | None:
    """The block of each of `names`, [NAMES]: squares of ten tiles a side; a tile without a place is a block of its own.

    None when no tile has a place.
    """
    at = positions(names, places.names)
    placed = at != ABSENT
    if not placed.any():
        return None
    latitude, longitude = places.centres
    up, _ = metres_per_degree(latitude)
    side = float(np.median((places.north - places.south) * up))
    blocks = -1 - np.arange(len(names))
    blocks[placed] = blocks_of(latitude, longitude, BLOCK_TILES * side)[at[placed]]
    return blocks


def blocks_of(latitude: Floats, longitude: Floats, metres: float) -> npt.NDArray[np.int64]:
    """The block of each tile, [TILES]: squares of about `metres` on the ground, from the tiles' centres in degrees."""
    up, across = metres_per_degree(np.median(latitude, keepdims=True) if len(latitude) else latitude)
    rows = np.floor(latitude * up / metres).astype(np.int64)
    cols = np.floor(longitude * across / metres).astype(np.int64)
    _, blocks = np.unique(np.stack([rows, cols], axis=1), axis=0, return_inverse=True)
    return blocks.reshape(-1).astype(np.int64)


def bootstrap(
    labels: Sequence[str],
    predictions: Sequence[str],
    classes: Sequence[str],
    blocks: Ints | None = None,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> Intervals | None:
    """Intervals of all scores; the sequences and `blocks` [TILES] go together. None without tiles or with too few blocks.

    Raises DataError when they do not fit each other.
    """
    true, predicted = _indices(labels, classes), _indices(predictions, classes)
    _check_lengths(len(true), len(predicted), blocks)
    n = len(classes)
    cells = true * n + predicted
    drawn = _drawn(cells, n * n, blocks, draws, seed)
    if drawn is None:
        return None
    counts = drawn.reshape(draws, n, n)
    scores = scores_of(counts)
    member = np.array([[group_of(name) == group for name in classes] for group in GROUPS], dtype=np.float64)
    never_true, never_predicted = counts.sum(axis=2) == 0, counts.sum(axis=1) == 0
    return Intervals(
        blocks=None if blocks is None else len(np.unique(blocks)),
        draws=draws,
        accuracy=_interval(scores.accuracy),
        macro_f1=_interval(scores.macro_f1),
        kappa=_interval(scores.kappa),
        groups_accuracy=_interval(scores_of(member @ counts @ member.T).accuracy),
        precision=_by_class(scores.precision, never_predicted, classes),
        recall=_by_class(scores.recall, never_true, classes),
        f1=_by_class(scores.f1, never_true & never_predicted, classes),
    )


def difference_interval(difference: Ints, blocks: Ints | None, draws: int, seed: int) -> Interval | None:
    """The interval of the mean of `difference` [TILES], which holds -1, 0 and 1 only."""
    drawn = _drawn(np.asarray(difference, dtype=np.int64) + 1, 3, blocks, draws, seed)
    return None if drawn is None else _interval((drawn[:, 2] - drawn[:, 0]) / drawn.sum(axis=1))


def _drawn(cells: npt.NDArray[np.int64], kinds: int, blocks: Ints | None, draws: int, seed: int) -> Floats | None:
    """How often each kind of tile occurs in each draw, [DRAWS, KINDS]; `cells` [TILES] holds each tile's kind."""
    if not len(cells):
        return None
    rng = np.random.default_rng(seed)
    if blocks is None:
        # Drawing tiles one by one is drawing from their kinds, in one go.
        shares = np.bincount(cells, minlength=kinds) / len(cells)
        return rng.multinomial(len(cells), shares, size=draws).astype(np.float64)
    names, block = np.unique(blocks, return_inverse=True)
    if len(names) < FEWEST_BLOCKS:
        return None
    held = np.bincount(block.reshape(-1) * kinds + cells, minlength=len(names) * kinds).reshape(len(names), kinds)
    return np.concatenate([times @ held for times in _times_drawn(len(names), draws, rng)])


def _times_drawn(blocks: int, draws: int, rng: np.random.Generator) -> Iterator[Floats]:
    """How often each block is drawn, [SOME DRAWS, BLOCKS] at a time, so that memory stays small."""
    step = max(1, AT_ONCE // blocks)
    for first in range(0, draws, step):
        some = min(step, draws - first)
        picks = rng.integers(0, blocks, (some, blocks)) + np.arange(some)[:, None] * blocks
        yield np.bincount(picks.reshape(-1), minlength=some * blocks).reshape(some, blocks).astype(np.float64)


def _interval(values: Floats) -> Interval:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def _by_class(values: Floats, unknown: npt.NDArray[np.bool_], classes: Sequence[str]) -> dict[str, Interval | None]:
    known = [values[~unknown[:, i], i] for i in range(len(classes))]
    return {name: _interval(one) if len(one) else None for name, one in zip(classes, known, strict=True)}


def _indices(names: Sequence[str], classes: Sequence[str]) -> npt.NDArray[np.int64]:
    index = {name: i for i, name in enumerate(classes)}
    try:
        return np.array([index[name] for name in names], dtype=np.int64)
    except KeyError as error:
        raise DataError(f"The label {error} is not among the classes: {', '.join(classes)}.") from None


def _check_lengths(true: int, predicted: int, blocks: Ints | None) -> None:
    lengths = {true, predicted} | (set() if blocks is None else {len(blocks)})
    if len(lengths) > 1:
        raise DataError(f"Labels, predictions and blocks must be one each a tile; there are {sorted(lengths)}.")
