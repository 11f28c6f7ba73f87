"""Progress where there is no terminal: a line at the end, and one now and then while it lasts."""

import time
from collections.abc import Callable

from aerial_ops.cli.amounts import progress_text

EVERY_SECONDS = 10.0


class LineTask:
    """Tells `note` of one piece of work; a `Task`."""

    def __init__(self, note: Callable[[str], None], label: str, total: int | None, unit: str) -> None:
        self._note, self._label, self._total, self._unit = note, label, total, unit
        self._done, self._shown_at, self._shown = 0, time.monotonic(), ""

    def advance(self, amount: int = 1) -> None:
        """So many more are done."""
        self.update(done=self._done + amount)

    def update(self, *, done: int | None = None, total: int | None = None, label: str | None = None) -> None:
        """A new label begins a new piece of work."""
        if label is not None and label != self._label:
            if self._done:
                self.show()
            self._label, self._done, self._total = label, 0, total
        self._done = self._done if done is None else done
        self._total = self._total if total is None else total
        if time.monotonic() - self._shown_at > EVERY_SECONDS:
            self.show()

    def show(self) -> None:
        """A line, unless it was the last one too."""
        known = self._done or self._total is not None
        line = f"{self._label}: {progress_text(self._done, self._total, self._unit)}" if known else self._label
        if line != self._shown:
            self._note(line)
        self._shown, self._shown_at = line, time.monotonic()
