"""Processor time of this program and everything below it, by kind of program: unlike wall time it hardly feels a busy machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil


@contextmanager
def processor_seconds() -> Iterator[dict[str, float]]:
    """What python, java and node use inside the block, filled in at its end. A process that ends inside is not seen."""
    before, used = _now(), {}
    yield used
    for process, (kind, seconds) in _now().items():
        used[kind] = used.get(kind, 0.0) + seconds - before.get(process, (kind, 0.0))[1]


def _now() -> dict[int, tuple[str, float]]:
    me = psutil.Process()
    found = {}
    for process in (me, *me.children(recursive=True)):
        try:
            times = process.cpu_times()
            found[process.pid] = (_kind(process), times.user + times.system)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def _kind(process: psutil.Process) -> str:
    program = Path(process.exe()).name
    return next((kind for kind in ("python", "java", "node") if program.startswith(kind)), "other")
