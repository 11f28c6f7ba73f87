"""How a command is ended in the middle: at a moment counted in requests, by a signal."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Protocol

import httpx
import psutil

PATIENCE = 240.0


class Asked(Protocol):
    """An emulated Azure whose requests can be read."""

    control: httpx.Client


class Requests:
    """Counts the requests that an emulated Azure gets for one environment from now on."""

    def __init__(self, cloud: Asked, name: str) -> None:
        self._cloud, self._mark, self._last, self.faults = cloud, f"/aerial-ops-{name}", 0, 0
        self._seen = 0
        self.count()
        self._seen = self.faults = 0

    def count(self) -> int:
        """How many there were; none are counted while the server is away."""
        try:
            found = self._cloud.control.get("requests", params={"since": self._last}).json()["requests"]
        except httpx.TransportError:
            return self._seen
        for request in found:
            self._last = max(self._last, int(request["number"]))
            ours = self._mark in f"{request['path'].lower()}"
            self._seen += ours
            self.faults += ours and bool(request["fault"])
        return self._seen


def end(process: "subprocess.Popen[str]", name: str, come: Callable[[], bool]) -> bool:
    """Wait until the moment has come and send the signal; whether the command was still at work then."""
    limit = time.monotonic() + PATIENCE
    while process.poll() is None and not come() and time.monotonic() < limit:
        time.sleep(0.02)
    if process.poll() is not None:
        return False
    if name == "SIGKILL all":
        kill_family(process)
    elif name == "SIGINT twice":
        send(process.pid, signal.SIGINT)
        time.sleep(0.4)
        send(process.pid, signal.SIGINT)
    else:
        send(process.pid, signal.Signals[name])
    return True


def kill_family(process: "subprocess.Popen[str]") -> None:
    """SIGKILL to a command and to everything that it has started."""
    if process.poll() is not None:
        return
    children = psutil.Process(process.pid).children(recursive=True)
    for pid in (process.pid, *(child.pid for child in children)):
        send(pid, signal.SIGKILL)


def send(pid: int, number: signal.Signals) -> None:
    """To a process that may have ended by now."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
