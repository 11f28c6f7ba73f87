"""A worker process's memory: how much it has needed, and that large blocks go back at once."""

from __future__ import annotations

import ctypes
import resource
from pathlib import Path

LARGE = 1 << 20
_M_MMAP_THRESHOLD = -3


def peak_bytes() -> int:
    """The largest resident size that this process has had."""
    # On Linux, getrusage begins with the size of whoever started the process: a JVM's, for a driver.
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8", errors="replace").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def give_back_large_blocks() -> None:
    """Have the C library return blocks over 1 MB to the system when they are freed, where it can.

    Otherwise glibc keeps what each thread has once needed: with tiles of 4096 x 4096, 60 MB for every thread.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, LARGE)
