"""Where the job is: runs/RUN_ID/progress.json about every two seconds, a log line a stage, and the time each stage took."""

from __future__ import annotations

import json
import logging
import threading
import time
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Callable, Iterator

from spark_jobs.errors import StorageError
from spark_jobs.stores import Store

INTERVAL = 2.0
RETRY_SECONDS = 5.0  # of the store given here: progress is not worth waiting for

log = logging.getLogger(__name__)


class Progress:
    """While it is open, a thread writes the state. A store that does not answer costs a warning, not the job."""

    def __init__(self, store: Store, path: str, interval: float = INTERVAL) -> None:
        self._store, self._path, self._interval = store, path, interval
        self._stage, self._total = "start", 0
        self._done: Callable[[], int] = lambda: 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="progress", daemon=True)
        self.timings: dict[str, float] = {}

    def __enter__(self) -> Progress:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @contextmanager
    def stage(self, name: str, total: int = 0, done: Callable[[], int] = lambda: 0) -> Iterator[None]:
        """Time a stage, in seconds; `done` says how many of `total` are through. A stage entered twice adds up."""
        self._stage, self._total, self._done = name, total, done
        log.info("stage %s%s", name, f": {total}" if total else "")
        started = time.monotonic()
        try:
            yield
        finally:
            self.timings[name] = round(self.timings.get(name, 0.0) + time.monotonic() - started, 3)
            log.info("stage %s took %.1f s", name, self.timings[name])

    def state(self) -> dict[str, object]:
        """The content of progress.json, but for its time."""
        return {"stage": self._stage, "done": min(self._done(), self._total), "total": self._total, "timings": dict(self.timings)}

    def _follow(self) -> None:
        written: dict[str, object] = {}
        while True:
            state = self.state()
            if state != written:
                written = state
                stamped = {**state, "updated_at": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")}
                try:
                    self._store.put("runs", self._path, json.dumps(stamped).encode(), "application/json")
                except StorageError as error:
                    log.warning("progress was not written: %s", error)
            if self._stop.wait(self._interval):
                return
