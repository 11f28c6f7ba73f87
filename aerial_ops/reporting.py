"""How long work tells of its progress without knowing where the words go."""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

State = Literal["waiting", "running", "done", "failed", "skipped"]


def path_text(path: Path) -> str:
    """A path for people: from the current folder, where it is below that."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


class Task(Protocol):
    """One piece of long work, of a known or unknown total."""

    def advance(self, amount: int = 1) -> None:
        """`amount` more units are done."""

    def update(self, *, done: int | None = None, total: int | None = None, label: str | None = None) -> None:
        """Set what is known now."""


@dataclass(eq=False)
class Step:
    """A part of a whole that is known beforehand. `told` is what it has reached, or why it was skipped."""

    label: str
    detail: str = ""
    state: State = "waiting"
    told: str = ""
    began: float | None = None
    ended: float | None = None

    @property
    def seconds(self) -> float:
        """How long it has taken, so far or as a whole."""
        if self.began is None:
            return 0.0
        return (time.monotonic() if self.ended is None else self.ended) - self.began

    @property
    def title(self) -> str:
        """Label and detail."""
        return f"{self.label} {self.detail}".rstrip()


current_step: ContextVar[Step | None] = ContextVar("current_step", default=None)
"""The step that this thread is at work on."""


class StepList(Protocol):
    """The steps of a whole, in their order, as they are now; and what the whole takes and costs, as far as it is known."""

    @property
    def steps(self) -> Sequence[Step]:
        """Done, at work, and to come."""

    @property
    def seconds(self) -> float:
        """Wall time so far."""

    @property
    def usd_per_hour(self) -> float | None:
        """What is being paid now."""

    @property
    def usd(self) -> float | None:
        """What has been paid so far."""


class Reporter(Protocol):
    """Where notes and progress go; the CLI's `Output` is one."""

    def note(self, text: str) -> None:
        """A sentence for the person watching."""

    def task(self, label: str, total: int | None = None, unit: str = "") -> AbstractContextManager[Task]:
        """Progress of one piece of work; `unit` is "bytes" or a plural such as "tiles"."""

    def step(self, steps: StepList, step: Step) -> None:
        """A step has begun, reached something, ended or been skipped."""


class SilentTask:
    """Progress that nobody watches."""

    def advance(self, amount: int = 1) -> None:
        """Nothing is shown."""

    def update(self, *, done: int | None = None, total: int | None = None, label: str | None = None) -> None:
        """Nothing is shown."""


class SilentReporter:
    """A reporter that says nothing; the default of library calls."""

    def note(self, text: str) -> None:
        """Nothing is shown."""

    def task(self, label: str, total: int | None = None, unit: str = "") -> AbstractContextManager[Task]:
        """A task that nobody watches."""
        return nullcontext(SilentTask())

    def step(self, steps: StepList, step: Step) -> None:
        """Nothing is shown."""


SILENT = SilentReporter()
