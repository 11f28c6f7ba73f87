"""How long work tells of its progress without knowing where the words go."""

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Task(Protocol):
    """One piece of long work, of a known or unknown total."""

    def advance(self, amount: int = 1) -> None:
        """`amount` more units are done."""

    def update(self, *, done: int | None = None, total: int | None = None, label: str | None = None) -> None:
        """Set what is known now."""


class Reporter(Protocol):
    """Where notes and progress go; the CLI's `Output` is one."""

    def note(self, text: str) -> None:
        """A sentence for the person watching."""

    def task(self, label: str, total: int | None = None, unit: str = "") -> AbstractContextManager[Task]:
        """Progress of one piece of work; `unit` is "bytes" or a plural such as "tiles"."""


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


SILENT = SilentReporter()
