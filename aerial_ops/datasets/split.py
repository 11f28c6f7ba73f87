"""The split by place: square blocks of ground are held out in all years, with a buffer around them, so that neighbours never
straddle it."""

from dataclasses import dataclass
from math import ceil, inf, log

import numpy as np
import numpy.typing as npt

from aerial_ops.datasets.grid import Grid
from aerial_ops.errors import DataError, UsageError

Sets = npt.NDArray[np.int8]

NOWHERE, TRAINING, HELD_OUT, BUFFER = 0, 1, 2, 3
"""Values of `Split.sets`: no label; training; test; dropped because it is too near to the test set."""
DRAWS = 200
"""At most so many choices of blocks are drawn; the first is taken in which every class is in both sets and BALANCED."""
BALANCED = log(2)
"""A choice is balanced when each class's share of held-out places is between half and twice the share asked for."""


@dataclass(frozen=True)
class SplitRule:
    """How places are divided. `block` and `buffer` are metres; None is chosen by the size of the ground and of a tile."""

    fraction: float = 0.2
    block: float | None = None
    buffer: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.fraction < 1:
            raise UsageError(f"The test fraction is {self.fraction:g}; it is a share between 0 and 1.")
        if self.block is not None and not self.block > 0:
            raise UsageError(f"A block of {self.block:g} m is not possible.")
        if self.buffer is not None and not self.buffer >= 0:
            raise UsageError(f"A buffer of {self.buffer:g} m is not possible.")


@dataclass(frozen=True)
class Split:
    """Where each place of the grid belongs. No tile of the one set is nearer than `buffer` metres to one of the other.

    `sets` is [ROWS, COLUMNS]. `left_out` names the classes that cannot be in both sets.
    """

    sets: Sets
    left_out: tuple[str, ...]
    block: float
    buffer: float


def split_by_place(classes: npt.NDArray[np.int8], names: tuple[str, ...], grid: Grid, rule: SplitRule) -> Split:
    """Hold blocks out until they have about `rule.fraction` of the labelled places; `classes` [ROWS, COLUMNS], negative for none.

    Raises DataError when fewer than two classes can be in both sets.
    """
    buffer = grid.tile if rule.buffer is None else rule.buffer
    block = rule.block or _block_side(grid)
    labelled = classes >= 0
    present = [index for index in range(len(names)) if (classes == index).any()]
    number, inside = _blocks(grid, block, labelled)
    counts = np.stack([np.bincount(number[classes == index], minlength=inside) for index in present], axis=1)
    if inside < 2:
        raise DataError(
            f"All labelled tiles lie in one block of {block:g} m; at least 2 are needed to split by place.",
            suggestion="Choose a smaller --block-metres, another label rule, or give more scenes.",
        )
    reach = max(ceil((buffer + grid.tile) / grid.step - 1e-6) - 1, 0)
    held_out, left = _best(counts, number, classes, present, reach, rule)
    left_out = tuple(names[index] for index in left)
    if len(present) - len(left_out) < 2:
        raise DataError(
            f"Only {len(present) - len(left_out)} class has tiles for both training and test "
            f"(found: {', '.join(names[index] for index in present)}).",
            suggestion="Choose a smaller --block-metres or --buffer-metres, another --test-fraction, or give more scenes.",
        )
    usable = labelled & ~np.isin(classes, left)
    return Split(_sets(held_out & usable, usable, reach), left_out, block, buffer)


def _best(
    counts: npt.NDArray[np.int64],
    number: npt.NDArray[np.int64],
    classes: npt.NDArray[np.int8],
    present: list[int],
    reach: int,
    rule: SplitRule,
) -> tuple[npt.NDArray[np.bool_], list[int]]:
    """The places held out, and the indices of the classes that are in one set only.

    When no draw is balanced, it is the one that leaves fewest classes out, and of those the one nearest to balance.
    """
    random = np.random.default_rng(rule.seed)
    best: tuple[int, float, npt.NDArray[np.bool_], list[int]] | None = None
    for _ in range(DRAWS):
        chosen = _draw(random, counts.sum(axis=1), rule.fraction)
        lost, imbalance = _imbalance(counts[chosen].sum(axis=0), counts, rule.fraction)
        if best and (lost, imbalance) >= best[:2]:
            continue
        held_out = np.isin(number, chosen)
        sets = _sets(held_out, classes >= 0, reach)
        left = [index for index in present if not {TRAINING, HELD_OUT} <= set(sets[classes == index].tolist())]
        if best is None or (len(left), imbalance) < best[:2]:
            best = len(left), imbalance, held_out, left
        if not left and imbalance <= BALANCED:
            break
    assert best is not None
    return best[2:]


def _sets(held_out: npt.NDArray[np.bool_], labelled: npt.NDArray[np.bool_], reach: int) -> Sets:
    sets = np.where(labelled, np.where(_widened(held_out, reach), BUFFER, TRAINING), NOWHERE).astype(np.int8)
    sets[held_out] = HELD_OUT
    return sets


def _draw(random: np.random.Generator, sizes: npt.NDArray[np.int64], fraction: float) -> npt.NDArray[np.int64]:
    """Blocks in random order until their places come nearest to the fraction; one at least, and not all."""
    order = random.permutation(len(sizes))
    distance = np.abs(np.cumsum(sizes[order])[:-1] - fraction * sizes.sum())
    return order[: int(np.argmin(distance)) + 1]


def _imbalance(held_out: npt.NDArray[np.int64], counts: npt.NDArray[np.int64], fraction: float) -> tuple[int, float]:
    """Classes that are in one set only; and how far the others' shares are from `fraction` (0: equal)."""
    distances = [abs(log(share / fraction)) if 0 < share < 1 else inf for share in held_out / counts.sum(axis=0)]
    return sum(value == inf for value in distances), max((value for value in distances if value < inf), default=inf)


def _blocks(grid: Grid, side: float, labelled: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], int]:
    """For each place, the number of the block that its centre lies in, counting only blocks with labelled places (-1: none)."""
    rows, columns = (np.floor((np.arange(n) * grid.step + grid.tile / 2) / side).astype(np.int64) for n in labelled.shape)
    key = rows[:, None] * (columns[-1] + 1) + columns[None, :]
    used, number = np.unique(key[labelled], return_inverse=True)
    numbers = np.full(labelled.shape, -1, np.int64)
    numbers[labelled] = number
    return numbers, len(used)


def _block_side(grid: Grid) -> float:
    """About twenty blocks on the ground, of whole tiles: 2 to 20 a side."""
    area = grid.rows * grid.columns * grid.step**2
    tiles = round((area / 20) ** 0.5 / grid.tile)
    return float(min(max(tiles, 2), 20) * grid.tile)


def _widened(mask: npt.NDArray[np.bool_], reach: int) -> npt.NDArray[np.bool_]:
    """Every place within `reach` rows and columns of one in `mask`. Distance counts along the axis where it is larger, so that
    a tile whose corner is near is dropped too."""
    for axis in (0, 1):
        total = np.cumsum(np.moveaxis(mask, axis, 0), axis=0, dtype=np.int64)
        n = len(total)
        last = total[np.minimum(np.arange(n) + reach, n - 1)]
        before = np.arange(n) - reach - 1
        first = np.where((before >= 0)[:, None], total[np.maximum(before, 0)], 0)
        mask = np.moveaxis(last - first > 0, 0, axis)
    return mask
