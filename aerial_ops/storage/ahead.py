"""Work that is begun before its result is asked for."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def begun(work: Callable[[], T]) -> Callable[[], T]:
    """Begin `work` in a thread; what is returned waits for it and gives its result, or raises its error.

    The thread is a daemon: whoever no longer wants the result does not wait for a request that hangs.
    """
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:
            outcome.set_exception(error)

    Thread(target=run, daemon=True, name="ahead").start()
    return outcome.result
