"""The steps of an experiment: known beforehand, told when they begin and end, timed, and summed up as shares of the whole.

Several may be at work at once, each in a thread of its own.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import RLock

from aerial_ops.reporting import Reporter, State, Step, current_step


@dataclass
class Steps:
    """What was done, is done and comes next, in this order. `upcoming` are the labels that are known beforehand."""

    report: Reporter
    upcoming: Sequence[str] = ()
    steps: list[Step] = field(default_factory=list, init=False)
    usd_per_hour: float | None = field(default=None, init=False)
    _spent: float | None = field(default=None, init=False, repr=False)
    _since: float | None = field(default=None, init=False, repr=False)
    _lock: RLock = field(default_factory=RLock, init=False, repr=False)

    def __post_init__(self) -> None:
        self.expect(*self.upcoming)

    def expect(self, *labels: str) -> None:
        """These come too, after all that is known so far."""
        with self._lock:
            self.steps.extend(Step(label) for label in labels)

    @contextmanager
    def step(self, label: str, detail: str = "") -> Iterator[Step]:
        """One step; its time counts whether it succeeds or not. One that was not expected comes before those that wait."""
        with self._lock:
            step = self._take(label)
            step.state, step.detail, step.began = "running", detail, time.monotonic()
            self.report.step(self, step)
        before = current_step.set(step)
        try:
            yield step
        except BaseException:
            self._end(step, "failed")
            raise
        finally:
            current_step.reset(before)
        self._end(step, "done")

    def skipped(self, label: str, why: str) -> None:
        """This one need not be done."""
        with self._lock:
            step = self._take(label)
            step.state, step.told = "skipped", why
            self.report.step(self, step)

    def tell(self, step: Step, what: str) -> None:
        """A step has reached something that is worth a sentence."""
        with self._lock:
            step.told = what
            self.report.step(self, step)

    def pays(self, usd_per_hour: float) -> None:
        """From now on this is paid, or this instead of what was paid before."""
        with self._lock:
            self._spent, self._since, self.usd_per_hour = self.usd or 0.0, time.monotonic(), usd_per_hour

    def paid(self, usd: float) -> None:
        """Nothing is paid any more; this is the bill."""
        with self._lock:
            self._spent, self._since, self.usd_per_hour = usd, None, None

    @property
    def usd(self) -> float | None:
        """What has been paid so far: the bill, or an estimate; None when nothing is known of a price."""
        with self._lock:
            if self._since is None or self.usd_per_hour is None:
                return self._spent
            return (self._spent or 0.0) + (time.monotonic() - self._since) / 3600 * self.usd_per_hour

    @property
    def done(self) -> list[tuple[str, float]]:
        """Label and seconds of what has ended, done or failed, in the order of the list."""
        with self._lock:
            return [(step.title, step.seconds) for step in self.steps if step.state in {"done", "failed"}]

    @property
    def current(self) -> str:
        """What failed first; else what began last; "" before anything began."""
        with self._lock:
            failed = [step for step in self.steps if step.state == "failed"]
            if failed:
                return min(failed, key=lambda step: step.ended or 0.0).title
            begun = [step for step in self.steps if step.began is not None]
            return max(begun, key=lambda step: step.began or 0.0).title if begun else ""

    @property
    def seconds(self) -> float:
        """Wall time from the first beginning to the last end, or to now when something is at work."""
        with self._lock:
            begun = [step for step in self.steps if step.began is not None]
            ends = [(step.began or 0.0) + step.seconds for step in begun]
            return max(ends) - min(step.began or 0.0 for step in begun) if begun else 0.0

    def shares(self) -> list[tuple[str, str, str]]:
        """Step, seconds and share of the wall time, and the whole, as text. Steps side by side add up to more than the whole."""
        whole = self.seconds or 1.0
        rows = [(label, f"{seconds:.1f}", f"{seconds / whole:.0%}") for label, seconds in self.done]
        return [*rows, ("Together", f"{self.seconds:.1f}", "100%")]

    def _take(self, label: str) -> Step:
        """The waiting step of that label; a new one before all that wait when there is none."""
        waiting = [place for place, step in enumerate(self.steps) if step.state == "waiting"]
        for place in waiting:
            if self.steps[place].label == label:
                return self.steps[place]
        new = Step(label)
        self.steps.insert(waiting[0] if waiting else len(self.steps), new)
        return new

    def _end(self, step: Step, state: State) -> None:
        with self._lock:
            step.ended, step.state = time.monotonic(), state
            self.report.step(self, step)
