"""The journal of an environment: what was intended and what became of it, one JSON line each, on disk before the work begins."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from aerial_ops.errors import redacted


@dataclass(frozen=True)
class Entry:
    """One line. `event` is begun, done or failed; `what` names the step; pid, started and host say whose it was."""

    at: datetime
    event: str
    what: str
    pid: int
    started: float
    host: str
    details: dict[str, Any]

    @property
    def owner_is_dead(self) -> bool:
        """Whether the process that wrote it has ended; False when that cannot be known from this machine."""
        if self.host != socket.gethostname():
            return False
        try:
            return abs(psutil.Process(self.pid).create_time() - self.started) > 1
        except psutil.NoSuchProcess:
            return True


class Journal:
    """Append-only. A line torn by a crash is not read, and does not hinder the next one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, event: str, what: str, **details: Any) -> None:
        """Add a line, and have it on disk before this returns."""
        process = psutil.Process()
        line = {
            "at": datetime.now(UTC).isoformat(),
            "event": event,
            "what": what,
            "pid": process.pid,
            "started": process.create_time(),
            "host": socket.gethostname(),
            "details": details,
        }
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._path.open("ab") as file:
            if file.tell() and not self._ends_whole():
                file.write(b"\n")
            file.write(json.dumps(line, default=str).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    @contextmanager
    def step(self, what: str, **details: Any) -> Iterator[None]:
        """A step: begun, then done (both with the details), or failed with the error's words."""
        self.write("begun", what, **details)
        try:
            yield
        except BaseException as error:
            self.write("failed", what, error=redacted(f"{type(error).__name__}: {error}"))
            raise
        self.write("done", what, **details)

    def entries(self) -> list[Entry]:
        """Every whole line, oldest first."""
        if not self._path.exists():
            return []
        return [entry for line in self._path.read_bytes().splitlines() if (entry := _parse(line))]

    def unfinished(self) -> Entry | None:
        """The last step that was begun and of which no end is known."""
        begun: list[Entry] = []
        for entry in self.entries():
            if entry.event == "begun":
                begun.append(entry)
            else:
                begun = [one for one in begun if one.what != entry.what]
        return begun[-1] if begun else None

    def _ends_whole(self) -> bool:
        with self._path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"


def _parse(line: bytes) -> Entry | None:
    try:
        found = json.loads(line)
        return Entry(**{**found, "at": datetime.fromisoformat(found["at"])})
    except (ValueError, KeyError, TypeError):
        return None
