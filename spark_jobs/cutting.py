"""Sets of tiles into slices, one Spark task each: full waves over all cores, so that none is idle while others work."""

from __future__ import annotations

import math
from typing import Any, Sequence, TypeVar

SLICE = 128  # no more tiles in one: what a killed task loses, and what a worker holds
LEAST = 16  # fewer than a batch of them would not let the network work at its speed
T = TypeVar("T")


def slice_counts(tiles: Sequence[int], cores: int) -> list[int]:
    """How many slices each set of so many tiles is cut into, for so many cores.

    As few waves as slices of at most 128 tiles allow, and as many slices as fill them: 11,760 tiles on 160 cores are 160 slices
    of 73 or 74, since 92 of 128 would leave 68 cores idle.
    """
    total = sum(tiles)
    waves = max(1, math.ceil(total / (SLICE * cores)))
    while True:
        counts = _shared_out(tiles, min(waves * cores, math.ceil(total / LEAST)))
        if all(size <= count * SLICE for size, count in zip(tiles, counts)):
            return counts
        waves += 1


def cut(tiles: Sequence[T], count: int) -> list[list[T]]:
    """So many contiguous slices, of sizes that differ by one at most."""
    bounds = [index * len(tiles) // count for index in range(count + 1)] if count else [0]
    return [list(tiles[start:end]) for start, end in zip(bounds, bounds[1:])]


def cores_of(spark: Any) -> int:
    """How many tasks Spark can do at once, executors that have not come yet included."""
    executors, cores = (int(spark.conf.get(f"spark.executor.{name}", "0")) for name in ("instances", "cores"))
    return max(1, executors * cores, int(spark.sparkContext.defaultParallelism))


def _shared_out(tiles: Sequence[int], slices: int) -> list[int]:
    """One slice for each set that has tiles, and each further one to the set whose slices are the largest."""
    counts = [1 if size else 0 for size in tiles]
    for _ in range(slices - sum(counts)):
        largest = max(range(len(tiles)), key=lambda index: tiles[index] / counts[index] if counts[index] else 0.0)
        counts[largest] += 1
    return counts
