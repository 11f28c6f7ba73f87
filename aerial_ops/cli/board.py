"""The live list of steps on a terminal: what is done, at work and next; progress below the step at work; time and price."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, RLock, Thread

from rich.console import Console, ConsoleOptions, OverflowMethod, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from aerial_ops.cli.amounts import clock_text, progress_text
from aerial_ops.reporting import Step, StepList, current_step

REFRESHES = 5  # a second; each costs a few milliseconds of a core that a local Spark would use
WIDTH, BAR_WIDTH = 100, 24
MARKS = {"done": ("✓", "green"), "failed": ("✗", "bold red"), "skipped": ("–", "dim"), "waiting": ("·", "dim")}
PLAIN_MARKS = {"✓": "+", "✗": "x", "–": "-", "·": "."}
STYLES = {"done": "", "failed": "bold", "running": "bold", "skipped": "dim", "waiting": "dim"}


class BoardTask:
    """Progress that is shown below its step; a `Task`."""

    def __init__(self, step: Step | None, label: str, total: int | None, unit: str) -> None:
        self.step, self.label, self.total, self.unit = step, label, total, unit
        self.done = 0

    def advance(self, amount: int = 1) -> None:
        """So many more are done."""
        self.done += amount

    def update(self, *, done: int | None = None, total: int | None = None, label: str | None = None) -> None:
        """A new label begins a new piece of work."""
        if label is not None and label != self.label:
            self.label, self.done, self.total = label, 0, total
        self.done = self.done if done is None else done
        self.total = self.total if total is None else total


class Board:
    """Shows `steps` at the foot of the terminal until it is closed; what is printed meanwhile scrolls above it."""

    def __init__(self, console: Console, steps: StepList) -> None:
        self.steps = steps
        self._console = console
        self._tasks: list[BoardTask] = []
        self._spinner = Spinner("line" if console.options.ascii_only else "dots", style="bold cyan")
        self._ended = False
        self._drawing = RLock()  # whoever writes to the terminal: rich counts lines wrongly when two threads draw at once
        self._live: Live | None = self._new()
        self._stop = Event()
        Thread(target=self._tick, daemon=True, name="board").start()

    def close(self) -> None:
        """Leave the list as it is now, with every step in it."""
        self._stop.set()
        with self._drawing:
            self._ended = True
            if self._live is not None:
                self._live.stop()
                self._live = None

    def note(self, text: str) -> None:
        """A sentence above the list."""
        with self._drawing:
            self._console.print(text, markup=False)

    @contextmanager
    def away(self) -> Iterator[None]:
        """The terminal is somebody else's meanwhile, such as a question's."""
        with self._drawing:
            if self._live is not None:
                self._live.transient = True
                self._live.stop()
                self._live = None
        try:
            yield
        finally:
            with self._drawing:
                self._live = self._new()

    @contextmanager
    def task(self, label: str, total: int | None, unit: str) -> Iterator[BoardTask]:
        """Progress, below the step that this thread is at work on, else the first that is; between steps at the end."""
        at_work = [step for step in self.steps.steps if step.state == "running"]
        task = BoardTask(current_step.get() or next(iter(at_work), None), label, total, unit)
        self._tasks.append(task)
        try:
            yield task
        finally:
            self._tasks.remove(task)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Each step with its time, then the foot."""
        table = Table.grid(padding=(0, 1))
        table.width = min(options.max_width, WIDTH)
        table.add_column(width=1)
        table.add_column(ratio=1)
        table.add_column(justify="right", no_wrap=True)
        everything = list(self.steps.steps)
        shown = everything if self._ended else _window(everything, options.max_height - 6)
        before = everything.index(shown[0]) if shown else 0
        _rest(table, before, "done")
        for step in shown:
            self._add(table, step, options)
        _rest(table, len(everything) - before - len(shown), "to come")
        for task in [task for task in self._tasks if task.step is None]:
            table.add_row("", _bar(task, task.label, options), "")
        yield Text()
        yield table
        yield Text()
        yield self._foot(everything, options)
        if self._ended:
            yield Text()

    def _add(self, table: Table, step: Step, options: ConsoleOptions) -> None:
        if step.state == "running":
            mark: Text | Spinner = self._spinner
        else:
            sign, style = MARKS[step.state]
            mark = Text(PLAIN_MARKS[sign] if options.ascii_only else sign, style)
        title = Text(step.label, STYLES[step.state], no_wrap=True, overflow=_overflow(options))
        if step.detail:
            title.append(f" {step.detail}", "dim")
        table.add_row(mark, title, Text("" if step.began is None else clock_text(step.seconds), "dim"))
        if step.told:  # whole at the end; until then a line, so that the list keeps its height
            style = "dim" if step.state == "skipped" else "cyan"
            table.add_row("", Text(step.told, style, no_wrap=not self._ended, overflow=_overflow(options)), "")
        for task in [task for task in self._tasks if task.step is step]:
            stage = task.label.rsplit(": ", 1)[-1]  # what is before the colon, the step says
            table.add_row("", _bar(task, stage, options), "")

    def _foot(self, everything: Sequence[Step], options: ConsoleOptions) -> Text:
        ended = sum(step.state not in {"waiting", "running"} for step in everything)
        parts = [f"{ended} of {len(everything)} steps", clock_text(self.steps.seconds)]
        if self.steps.usd is not None:
            parts.append(f"{self.steps.usd:.2f} $ {'so far' if self.steps.usd_per_hour is not None else 'for the cluster'}")
        if self.steps.usd_per_hour is not None:
            parts.append(f"{self.steps.usd_per_hour:.2f} $/h")
        between = " - " if options.ascii_only else " · "
        return Text(f"  {between.join(parts)}", "dim", no_wrap=True, overflow=_overflow(options))

    def _new(self) -> Live:
        live = Live(self, console=self._console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False)
        live.start(refresh=True)
        return live

    def _tick(self) -> None:
        while not self._stop.wait(1 / REFRESHES):
            with self._drawing:
                if self._live is not None:
                    self._live.refresh()


def _bar(task: BoardTask, label: str, options: ConsoleOptions) -> Table:
    line = Table.grid(padding=(0, 1))
    line.add_column(no_wrap=True, overflow=_overflow(options))
    line.add_column(width=BAR_WIDTH)
    line.add_column(no_wrap=True, overflow=_overflow(options))
    known = bool(task.done or task.total is not None)
    bar = ProgressBar(total=task.total or None, completed=task.done, width=BAR_WIDTH, pulse=task.total is None)
    line.add_row(Text(label, "dim"), bar, Text(progress_text(task.done, task.total, task.unit) if known else "", "dim"))
    return line


def _overflow(options: ConsoleOptions) -> OverflowMethod:
    return "crop" if options.ascii_only else "ellipsis"


def _rest(table: Table, count: int, what: str) -> None:
    if count:
        table.add_row("", Text(f"{count} more {what}", "dim", no_wrap=True, overflow="crop"), "")


def _window(steps: list[Step], lines: int) -> list[Step]:
    """As many steps as fit, around what is at work; what was told takes a line of its own, what is at work two for progress."""

    def height(step: Step) -> int:
        return 1 + bool(step.told) + 2 * (step.state == "running")

    if sum(map(height, steps)) <= lines:
        return steps
    begun = [place for place, step in enumerate(steps) if step.state != "waiting"]
    at_work = [place for place, step in enumerate(steps) if step.state == "running"]
    first = last = at_work[0] if at_work else begun[-1] if begun else 0
    left = lines - 2 - height(steps[first])
    grown = True
    while grown:
        grown = False
        for place in (last + 1, first - 1):
            if 0 <= place < len(steps) and height(steps[place]) <= left:
                left -= height(steps[place])
                first, last, grown = min(first, place), max(last, place), True
    return steps[first : last + 1]
