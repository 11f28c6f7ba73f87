"""What workers report to the driver besides rows, in one Spark accumulator."""

from __future__ import annotations

from typing import Any, NamedTuple

from spark_jobs.memory import peak_bytes


class Tally(NamedTuple):
    """Sums over all slices: tiles done, of these taken from the cache, parts of it damaged or not written; and the largest peak
    of a worker process's memory in bytes."""

    done: int = 0
    cached: int = 0
    damaged_parts: int = 0
    unwritten_parts: int = 0
    peak_bytes: int = 0

    def plus(self, other: Tally) -> Tally:
        """Both together."""
        sums = [mine + its for mine, its in zip(self, other)]
        return Tally(*sums)._replace(peak_bytes=max(self.peak_bytes, other.peak_bytes))


class TallyParam:
    """How Spark adds tallies up (its AccumulatorParam)."""

    def zero(self, value: Tally) -> Tally:
        """Nothing yet."""
        return Tally()

    def addInPlace(self, value: Tally, other: Tally) -> Tally:
        """Both together."""
        return value.plus(other)


def new_tally(context: Any) -> Any:
    """An accumulator of tallies."""
    return context.accumulator(Tally(), TallyParam())


def memory(tally: Tally) -> dict[str, int]:
    """Peaks of memory, as result.json tells them."""
    return {"worker_peak_bytes": tally.peak_bytes, "driver_peak_bytes": peak_bytes()}
