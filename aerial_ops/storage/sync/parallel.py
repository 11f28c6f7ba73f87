"""A bounded number of threads over many small pieces of work, ended at once by Ctrl-C or the first error."""

from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")
_END: Any = object()


def each(items: Iterable[T], work: Callable[[T], R], threads: int) -> Iterator[tuple[T, R]]:
    """Every item with `work(item)`, as they get ready. The first exception is raised here, and nothing new is begun.

    The threads are daemons: whoever leaves the loop (an error, Ctrl-C) does not wait for a request that hangs.
    """
    pending, lock, stop = iter(items), Lock(), Event()
    ready: SimpleQueue[tuple[T, R] | BaseException | None] = SimpleQueue()

    def run() -> None:
        try:
            while not stop.is_set():
                with lock:
                    item = next(pending, _END)
                if item is _END:
                    break
                ready.put((item, work(item)))
        except BaseException as error:
            ready.put(error)
        ready.put(None)

    running = max(threads, 1)
    for number in range(running):
        Thread(target=run, name=f"sync-{number}", daemon=True).start()
    try:
        while running:
            outcome = ready.get()
            if outcome is None:
                running -= 1
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                yield outcome
    finally:
        stop.set()
