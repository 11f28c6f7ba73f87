"""The steps of an experiment: told when they begin and end, timed, and summed up as shares of the whole."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aerial_ops.reporting import Reporter


@dataclass
class Steps:
    """What has been done so far; `total` is how many steps there will be."""

    report: Reporter
    total: int
    done: list[tuple[str, float]] = field(default_factory=list)
    current: str = ""

    @contextmanager
    def step(self, label: str) -> Iterator[None]:
        """One step; its time counts whether it succeeds or not."""
        self.current = label
        self.report.note(f"\n[{len(self.done) + 1}/{self.total}] {label}")
        started = time.monotonic()
        try:
            yield
        finally:
            self.done.append((label, time.monotonic() - started))

    @property
    def seconds(self) -> float:
        """Wall time of all steps together."""
        return sum(seconds for _, seconds in self.done)

    def shares(self) -> list[tuple[str, str, str]]:
        """Step, seconds and share of the whole, and the sum, as text."""
        whole = self.seconds or 1.0
        rows = [(label, f"{seconds:.1f}", f"{seconds / whole:.0%}") for label, seconds in self.done]
        return [*rows, ("Together", f"{self.seconds:.1f}", "100%")]
