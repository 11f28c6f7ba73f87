"""What a run tells is kept in its folder too, each line with its time."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock

from aerial_ops.errors import redacted
from aerial_ops.reporting import Reporter, Step, StepList, Task

FILE = "log.txt"


class Logged:
    """A reporter that also writes notes and steps to a file; a file that cannot be written ends nothing."""

    def __init__(self, report: Reporter, folder: Path) -> None:
        self._report, self._path, self._lock, self._told = (
            report,
            folder / FILE,
            RLock(),
            False,
        )  # a signal's note comes in between

    def note(self, text: str) -> None:
        """A sentence, shown and kept."""
        self._keep(text)
        self._report.note(text)

    def task(self, label: str, total: int | None = None, unit: str = "") -> AbstractContextManager[Task]:
        """Progress, which is shown only."""
        return self._report.task(label, total, unit)

    def step(self, steps: StepList, step: Step) -> None:
        """A step's state, shown and kept."""
        self._keep(f"{step.title}: {step.state}" + (f": {step.told}" if step.told else ""))
        self._report.step(steps, step)

    def _keep(self, text: str) -> None:
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        lines = "".join(f"{now} {line}\n" for line in redacted(text).splitlines() if line.strip())
        with self._lock:
            try:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(lines)
            except OSError as error:
                if not self._told:
                    self._report.note(f"The log of this run cannot be written: {error.strerror}.")
                self._told = True
