"""The sync in a thread of its own, beside the making of the cluster; it ends soon when that fails."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from types import TracebackType
from typing import Any, Self

from aerial_ops.reporting import Reporter, Step, StepList, Task


class _StoppedError(Exception):
    """The copy was told to stop."""


class Copying:
    """Runs `copy`, which reports its progress to the reporter it is given, between `start` and the end of a `with` block.

    The block's end waits for the copy and raises what it raised; when the block itself fails, the copy is stopped at its next
    sign of progress, so that nobody waits for gigabytes before the removal begins.
    """

    def __init__(self, copy: Callable[[Reporter], Any], report: Reporter) -> None:
        self._copy, self._report, self._stop = copy, report, Event()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="sync")
        self._running: Future[Any] | None = None

    def start(self) -> None:
        """Begin."""
        self._running = self._pool.submit(self._copy, _Watched(self._report, self._stop))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if error is None and self._running is not None:
                self._running.result()
        finally:
            self._stop.set()
            self._pool.shutdown(wait=True)


class _Watched:
    """A reporter that ends the work that reports to it, once `stop` is set."""

    def __init__(self, report: Reporter, stop: Event) -> None:
        self._report, self._stop = report, stop

    def note(self, text: str) -> None:
        self._report.note(text)

    def step(self, steps: StepList, step: Step) -> None:
        self._report.step(steps, step)

    @contextmanager
    def task(self, label: str, total: int | None = None, unit: str = "") -> Iterator[Task]:
        with self._report.task(label, total, unit) as task:
            yield _WatchedTask(task, self._stop)


class _WatchedTask:
    def __init__(self, task: Task, stop: Event) -> None:
        self._task, self._stop = task, stop

    def advance(self, amount: int = 1) -> None:
        self._check()
        self._task.advance(amount)

    def update(self, *, done: int | None = None, total: int | None = None, label: str | None = None) -> None:
        self._check()
        self._task.update(done=done, total=total, label=label)

    def _check(self) -> None:
        if self._stop.is_set():
            raise _StoppedError
