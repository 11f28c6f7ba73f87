"""How many tiles at a time a network is fastest with, found out on the first batches of real work."""

from __future__ import annotations

from collections import defaultdict

SIZES = (16, 8, 32)  # the first is taken unless another one is clearly faster
TRIES = 3
GAIN = 0.97


class BatchSize:
    """One network's best batch size in one process.

    Nothing is computed for it: the sizes take turns on real batches, and of each the fastest try counts, since a network's first
    run with a new shape is slow. Features do not depend on the batch, so this changes no result.
    """

    def __init__(self) -> None:
        self._turns = SIZES * TRIES
        self._seconds: dict[int, list[float]] = defaultdict(list)  # for a tile

    @property
    def now(self) -> int:
        """The size of the next batch."""
        return self._turns[0] if self._turns else self._best

    def note(self, tiles: int, seconds: float) -> None:
        """What a batch took. Batches of another size than the one asked for tell nothing."""
        if not self._turns or tiles != self._turns[0]:
            return
        self._seconds[tiles].append(seconds / tiles)
        self._turns = self._turns[1:]
        if not self._turns:
            fastest = {size: min(times) for size, times in self._seconds.items()}
            winner = min(SIZES, key=lambda size: fastest[size])
            self._best = winner if fastest[winner] < GAIN * fastest[SIZES[0]] else SIZES[0]
