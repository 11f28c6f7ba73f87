"""All that prints: data on stdout, everything else on stderr, colour and bars only on a terminal."""

import json
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import IO, Any, cast

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, TaskID
from rich.table import Table

from aerial_ops.cli.bars import bar_columns
from aerial_ops.cli.board import Board
from aerial_ops.cli.enduring import Enduring
from aerial_ops.cli.line_task import LineTask
from aerial_ops.reporting import Step, StepList, Task

PIPE_WIDTH = 10_000  # a table in a pipe or a file is never cut


class Output:
    """Where a command's result and its progress go; a `Reporter`. In a `with` block a list of steps is shown until its end."""

    def __init__(self, as_json: bool = False) -> None:
        self.as_json = as_json
        self._out = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)
        self._err = Console(file=cast(IO[str], Enduring(sys.stderr)), highlight=False, soft_wrap=True)
        self._board: Board | None = None

    @property
    def shows_steps(self) -> bool:
        """Whether who reads the result sees the list of steps above it."""
        return self.on_terminal and self._out.is_terminal

    @property
    def on_terminal(self) -> bool:
        """Whether somebody watches, on a terminal that can show more than lines."""
        return self._err.is_terminal and not self._err.is_dumb_terminal

    def note(self, text: str) -> None:
        """A sentence on stderr; on a terminal it is broken between words only."""
        shown = _broken(text, self._err.width) if self._err.is_terminal else text
        if self._board is not None:
            self._board.note(shown)
        else:
            self._err.print(shown, markup=False)

    def result(self, data: Any, show: Callable[[], None] | str = "") -> None:
        """The command's result: `data` when JSON is asked for, else what `show` prints or is; below the list of steps."""
        self._close_board()
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
        if self._board is not None:
            return self._board.task(label, total, unit)
        return self._bar(label, total, unit) if self.on_terminal else self._lines(label, total, unit)

    def step(self, steps: StepList, step: Step) -> None:
        """A live list on a terminal; elsewhere a line when a step begins, and one for what it has reached."""
        if self.on_terminal:
            if self._board is None:
                self._board = Board(self._err, steps)
            return
        place = f"[{next(number for number, one in enumerate(steps.steps, 1) if one is step)}/{len(steps.steps)}]"
        if step.state == "skipped":
            self.note(f"\n{place} {step.label}: {step.told}")
        elif step.state == "running" and not step.told:
            self.note(f"\n{place} {step.title}")
        elif step.state == "running":
            alone = sum(one.state == "running" for one in steps.steps) < 2
            self.note(step.told if alone else f"{step.label}: {step.told}")

    def __enter__(self) -> "Output":
        return self

    def __exit__(self, *_: object) -> None:
        self._close_board()

    def without_board(self) -> AbstractContextManager[None]:
        """The live list makes room meanwhile, for a question."""
        return self._board.away() if self._board is not None else nullcontext()

    def _close_board(self) -> None:
        if self._board is not None:
            self._board.close()
            self._board = None

    @contextmanager
    def _bar(self, label: str, total: int | None, unit: str) -> Iterator[Task]:
        with Progress(*bar_columns(unit), console=self._err, transient=False) as progress:
            yield _BarTask(progress, progress.add_task(label, total=total))

    @contextmanager
    def _lines(self, label: str, total: int | None, unit: str) -> Iterator[Task]:
        task = LineTask(self.note, label, total, unit)
        yield task
        task.show()


def _broken(text: str, width: int) -> str:
    """Lines that fit, each with its own indentation; a word that is too long, such as a path, stays whole for copying."""
    return "\n".join(
        textwrap.fill(
            line,
            max(width, 20),
            subsequent_indent=line[: len(line) - len(line.lstrip())],
            break_long_words=False,
            break_on_hyphens=False,
            replace_whitespace=False,
            drop_whitespace=True,
        )
        if len(line) > width
        else line
        for line in text.split("\n")
    )


class _BarTask:
    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def advance(self, amount: int = 1) -> None:
        self._progress.advance(self._task, amount)

    def update(self, *, done: int | None = None, total: int | None = None, label: str | None = None) -> None:
        self._progress.update(self._task, completed=done, total=total, description=label)
