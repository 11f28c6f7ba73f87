"""Background programs that outlive the command that started them: found again, checked, and stopped with all their children.

A program's identity is a mark in its environment, which its children inherit. Unlike a pid, or a start time that moves with
the system's clock, it cannot be mistaken: a program that has been given a dead one's pid does not carry the mark, and children
whose parent was killed still do.
"""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil

from aerial_ops.errors import EmulatorError

MARK = "AERIAL_OPS_DAEMON"
GRACE_SECONDS = 10.0
KILL_SECONDS = 10.0
TAIL_LINES = 20
LOG_BYTES = 20_000_000
POLL_SECONDS = 0.03
PATIENCE_SECONDS = 10.0  # a busy program may be late to answer; one that does not by then begins anew


@dataclass(frozen=True)
class Service:
    """How to run one background program and how to ask whether it answers."""

    name: str
    title: str
    port: int
    command: Sequence[str]
    environment: Mapping[str, str]
    answers: Callable[[], bool]
    stdin: int = field(default=subprocess.DEVNULL)


@dataclass(frozen=True)
class Slot:
    """The place of the background program `name` in `folder`: its pid file, its log, its mark."""

    folder: Path
    name: str

    @property
    def pid_file(self) -> Path:
        """JSON with pid, port, command and the time of its start."""
        return self.folder / "run" / f"{self.name}.json"

    @property
    def log(self) -> Path:
        """What the program printed, appended from start to start."""
        return self.folder / "logs" / f"{self.name}.log"

    @property
    def mark(self) -> str:
        """The value of the environment variable MARK in the program and in its children."""
        return f"{self.name}@{self.folder.resolve()}"

    def process(self) -> psutil.Process | None:
        """The running program; None when it does not run, whatever the pid file says."""
        try:
            process = psutil.Process(int(json.loads(self.pid_file.read_text())["pid"]))
        except (FileNotFoundError, ValueError, KeyError, TypeError, psutil.NoSuchProcess):
            return None
        return process if _carries(process, self.mark) else None

    def members(self) -> list[psutil.Process]:
        """Every living process that carries the mark: the program, its children, and orphans of an earlier one."""
        return [process for process in psutil.process_iter() if _carries(process, self.mark)]

    def spawn(self, service: Service, cwd: Path | None = None) -> "subprocess.Popen[bytes]":
        """Start the program in a session of its own, its output in the log, and write the pid file. A long log is put aside."""
        self.pid_file.parent.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".old.log"))
        with self.log.open("ab") as log:
            started = subprocess.Popen(
                list(service.command),
                env={**service.environment, MARK: self.mark},
                stdin=service.stdin,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=cwd or self.folder,
                start_new_session=True,
            )
        note = {"pid": started.pid, "port": service.port, "command": list(service.command), "started_at": _now()}
        draft = self.pid_file.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text(json.dumps(note, indent=2) + "\n")
        draft.replace(self.pid_file)
        # The system shows a new program's environment, and with it the mark, a moment after the program has begun.
        until = time.monotonic() + 1
        while started.poll() is None and self.process() is None and time.monotonic() < until:
            time.sleep(0.005)
        return started

    def wait_ready(self, title: str, port: int, answers: Callable[[], bool], seconds: float) -> None:
        """Return when the program answers. Raises EmulatorError with the end of its log when it ends or is late."""
        until = time.monotonic() + seconds
        while not answers():
            if self.process() is None:
                raise self._failed(f"{title} ended while it was starting.")
            if time.monotonic() > until:
                raise self._failed(f"{title} did not answer on port {port} within {seconds:.0f} seconds.")
            time.sleep(POLL_SECONDS)

    def serves(self, service: "Service") -> bool:
        """Whether the program runs and answers before long: a busy machine may make it late."""
        if self.process() is None:
            return False
        with contextlib.suppress(EmulatorError):
            self.wait_ready(service.title, service.port, service.answers, PATIENCE_SECONDS)
            return True
        return False

    def stop(self, grace: float = GRACE_SECONDS) -> int:
        """End the program and its children: SIGTERM, `grace` seconds, SIGKILL. Gives how many processes were ended."""
        return stop_all(self, grace=grace)

    def kill(self) -> int:
        """End the program and its children at once, as a crash would. Gives how many processes were ended."""
        return stop_all(self, grace=None)

    def tail(self, lines: int = TAIL_LINES) -> str:
        """The last lines of the log."""
        with contextlib.suppress(FileNotFoundError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        return ""

    def _failed(self, message: str) -> EmulatorError:
        tail = self.tail()
        return EmulatorError(
            message,
            left=f"The end of its log:\n{tail}" if tail else "Its log is empty.",
            suggestion=f"The whole log is {self.log}.",
            data={"service": self.name, "log": str(self.log)},
        )


def stop_all(*slots: Slot, grace: float | None = GRACE_SECONDS) -> int:
    """End several programs and their children at the same time. Gives how many processes were ended."""
    ended = 0
    while members := [process for slot in slots for process in slot.members()]:  # again: one may just have had a child
        _end(members, grace)
        ended += len(members)
    for slot in slots:
        slot.pid_file.unlink(missing_ok=True)
    return ended


def _end(processes: list[psutil.Process], grace: float | None) -> None:
    """Ask the processes to end, and kill those that have not after `grace` seconds; without grace, do not ask."""
    waiting = processes
    if grace is not None:
        _signal(waiting, signal.SIGTERM)
        waiting = _living_after(waiting, grace)
    _signal(waiting, signal.SIGKILL)
    if waiting := _living_after(waiting, KILL_SECONDS):
        pids = ", ".join(str(process.pid) for process in waiting)
        raise EmulatorError(f"These processes do not end, even when killed: {pids}.", suggestion="Look at them with ps.")


def _signal(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _living_after(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Those that still live after at most `seconds`."""
    until = time.monotonic() + seconds
    while (living := [process for process in processes if _lives(process)]) and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
    return living


def _lives(process: psutil.Process) -> bool:
    """A process that has ended stays a zombie until its parent looks: where process 1 is no init, for ever."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _carries(process: psutil.Process, mark: str) -> bool:
    if process.pid == os.getpid():
        return False
    try:
        return process.environ().get(MARK) == mark and _lives(process)
    except (psutil.Error, OSError):
        return False  # another user's process, or one that has just gone: not ours


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
