"""All that prints: data on stdout, everything else on stderr, colour and bars only on a terminal."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from aerial_ops.reporting import Task

PLAIN_EVERY_SECONDS = 10.0
PIPE_WIDTH = 10_000  # a table in a pipe or a file is never cut


class Output:
    """Where a command's result and its progress go; a `Reporter`."""

    def __init__(self, as_json: bool = False) -> None:
        self.as_json = as_json
        self._out = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)
        self._err = Console(stderr=True, highlight=False, soft_wrap=True)

    def note(self, text: str) -> None:
        """A sentence on stderr."""
        self._err.print(text, markup=False)

    def result(self, data: Any, show: Callable[[], None] | str = "") -> None:
        """The command's result: `data` when JSON is asked for, else what `show` prints or is."""
        if self.as_json:
            sys.stdout.write(json.dumps(data, indent=2, default=str) + "\n")
        elif callable(show):
            show()
        elif show:
            self._out.print(show, markup=False)

    def line(self, text: str = "") -> None:
        """A line on stdout."""
        self._out.print(text, markup=False)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[Any]], right: Sequence[str] = ()) -> None:
        """A table on stdout; the columns named in `right` hold numbers."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in columns:
            table.add_column(column, justify="right" if column in right else "left", no_wrap=True)
        for row in rows:
            table.add_row(*[escape(str(cell)) for cell in row])
        self._out.print(table)

    def task(self, label: str, total: int | None = None, unit: str = "") -> AbstractContextManager[Task]:
        """A progress bar on a terminal, a line now and then elsewhere."""
        return self._bar(label, total, unit) if self._err.is_terminal else self._lines(label, total, unit)

    @contextmanager
    def _bar(self, label: str, total: int | None, unit: str) -> Iterator[Task]:
        amount = DownloadColumn() if unit == "bytes" else MofNCompleteColumn()
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            amount,
            TextColumn(unit if unit != "bytes" else ""),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._err, transient=False) as progress:
            yield _BarTask(progress, progress.add_task(label, total=total))

    @contextmanager
    def _lines(self, label: str, total: int | None, unit: str) -> Iterator[Task]:
        task = _LineTask(self, label, total, unit)
        yield task
        task.show()


class _BarTask:
    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def advance(self, amount: int = 1) -> None:
        self._progress.advance(self._task, amount)

    def update(self, *, done: int | None = None, total: int | None = None, label: str | None = None) -> None:
        self._progress.update(self._task, completed=done, total=total, description=label)


class _LineTask:
    """A line at the end, and one now and then while it lasts."""

    def __init__(self, out: Output, label: str, total: int | None, unit: str) -> None:
        self._out, self._label, self._total, self._unit = out, label, total, unit
        self._done, self._shown_at, self._shown = 0, time.monotonic(), ""

    def advance(self, amount: int = 1) -> None:
        self.update(done=self._done + amount)

    def update(self, *, done: int | None = None, total: int | None = None, label: str | None = None) -> None:
        if label is not None and label != self._label:
            if self._done:
                self.show()
            self._label, self._done, self._total = label, 0, total
        self._done = self._done if done is None else done
        self._total = self._total if total is None else total
        if time.monotonic() - self._shown_at > PLAIN_EVERY_SECONDS:
            self.show()

    def show(self) -> None:
        line = self._label if not self._done and self._total is None else f"{self._label}: {self._progress()}"
        if line != self._shown:
            self._out.note(line)
        self._shown, self._shown_at = line, time.monotonic()

    def _progress(self) -> str:
        of = f" of {_amount(self._total, self._unit)}" if self._total is not None else ""
        unit = "" if self._unit == "bytes" else f" {self._unit}"
        return f"{_amount(self._done, self._unit)}{of}{unit}".rstrip()


def _amount(value: int, unit: str) -> str:
    return bytes_text(value) if unit == "bytes" else f"{value:,}"


def bytes_text(size: float) -> str:
    """A size for people, such as 1.4 MB (powers of 1000)."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
