"""A bound on what threads hold at a time."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import Iterator


class Budget:
    """`total` units that threads take and give back; who wants more than is left waits, who wants more than `total` gets all."""

    def __init__(self, total: int) -> None:
        self._total = self._left = total
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, units: int) -> Iterator[None]:
        """Hold `units` inside the block."""
        wanted = min(units, self._total)
        with self._changed:
            self._changed.wait_for(lambda: self._left >= wanted)
            self._left -= wanted
        try:
            yield
        finally:
            with self._changed:
                self._left += wanted
                self._changed.notify_all()
