"""Waiting for what another process does."""

import time
from collections.abc import Callable

import psutil


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def lives(process: psutil.Process) -> bool:
    """A zombie does not: its parent has only not looked yet."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
