"""Ctrl-C, SIGTERM and a closed terminal during a run: the first ends the work, one more does not end the removal that follows."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from aerial_ops.hangup import counts, endings
from aerial_ops.reporting import Reporter

CALM = "Everything is being removed. Once more, and that stops too: what is not removed yet stays, and costs money."


class Signals:
    """What a signal does: it raises KeyboardInterrupt, unless a removal has begun; then it is told once that it goes on."""

    def __init__(self, report: Reporter) -> None:
        self._report, self._calm = report, False

    def removing(self) -> None:
        """A removal begins: it outlives one signal."""
        self._calm = True

    def __call__(self, number: int, _: object) -> None:
        """A signal has come."""
        if not counts(number):
            return
        if self._calm:
            self._calm = False
            self._report.note(CALM)
            return
        self._calm = True  # what follows an interrupted step is a removal
        raise KeyboardInterrupt

    @contextmanager
    def heard(self) -> Iterator[None]:
        """While this lasts, SIGINT, SIGTERM and SIGHUP mean the same; other commands' own handling is left out."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self) for number in endings()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
