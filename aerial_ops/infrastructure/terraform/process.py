"""Run Terraform and read its JSON lines while it works; pass signals on and wait for it."""

import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aerial_ops.hangup import counts, endings
from aerial_ops.reporting import Reporter

Event = dict[str, Any]
_TAKEN = re.compile(r'a resource with the ID "([^"]+)" already exists')  # in the provider's words, for every type
WAITING = "Interrupted: waiting for Terraform to finish what it has begun. (Ctrl-C again stops it at once.)"
TOO_LONG = "Terraform has been at work for {minutes:.0f} minutes, longer than it ever takes: it is asked to stop."
NOT_SEEN = "Whether Terraform waits in vain is no longer looked at ({error}); its time limit holds."
IN_VAIN = "{reason} Terraform would wait for it all the same: it is asked to stop."
GRACE_SECONDS = 60.0  # for a Terraform that is asked to stop, to finish what it has begun
SHORT_GRACE_SECONDS = 5.0  # where what it has begun is known to be in vain
LOOK_SECONDS = 10.0
ABANDONED = "Interrupted again: Terraform stops at once. What was being created may exist without being in its state."


@dataclass
class Ended:
    """How a run ended. `diagnostics` are Terraform's own errors and warnings; `interrupted` counts Ctrl-C, SIGTERM and SIGHUP.

    `overdue`: it was stopped because it took too long. `in_vain`: why it was stopped, when it waited for what will not come.
    """

    code: int
    diagnostics: list[Event] = field(default_factory=list)
    other_lines: list[str] = field(default_factory=list)
    interrupted: int = 0
    overdue: bool = False
    in_vain: str = ""

    @property
    def errors(self) -> list[str]:
        """The errors in words, one each."""
        found = [
            f"{d['summary']}: {d['detail']}" if d.get("detail") else d["summary"]
            for d in self.diagnostics
            if d["severity"] == "error"
        ]
        return found or self.other_lines[-10:]

    @property
    def taken(self) -> dict[str, str]:
        """What could not be made because it exists already and is not in the state: ids by address."""
        texts = ((d.get("address", ""), f"{d['summary']} {d.get('detail', '')}") for d in self.diagnostics)
        return {address: found[1] for address, text in texts if address and (found := _TAKEN.search(text))}


def run(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    report: Reporter,
    on_event: Callable[[Event], None],
    limit: float = 3600.0,
    in_vain: Callable[[], str] = str,
) -> Ended:
    """Run `command`; each JSON line goes to `on_event`. The first signal asks Terraform to stop in order, the second at once.

    After `limit` seconds it is asked to stop, after a minute more told to, and after another killed. So it is, but sooner, when
    `in_vain`, which is asked now and then in a thread of its own, says in a sentence why Terraform waits in vain.
    """
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # the terminal's Ctrl-C reaches us alone; we pass it on, once
    ) as process:
        ended = Ended(0)
        with _passing_on(process, report, ended), _watched(process, report, ended, limit, in_vain):
            for line in process.stdout or ():
                _read(line, ended, on_event)
            ended.code = process.wait()
    return ended


@contextmanager
def _watched(
    process: subprocess.Popen[str], report: Reporter, ended: Ended, limit: float, in_vain: Callable[[], str]
) -> Iterator[None]:
    over, end, look = threading.Event(), time.monotonic() + limit, in_vain

    def watch() -> None:
        nonlocal look
        while not over.wait(min(LOOK_SECONDS, max(end - time.monotonic(), 0.0))):
            try:
                reason = look()
            except Exception as error:  # whatever it is, the time limit must be kept
                reason, look = "", str
                report.note(NOT_SEEN.format(error=f"{type(error).__name__}: {error}"))
            if over.is_set():
                return
            if reason:
                ended.in_vain = reason
                report.note(IN_VAIN.format(reason=reason))
                stop(SHORT_GRACE_SECONDS)
                return
            if time.monotonic() >= end:
                ended.overdue = True
                report.note(TOO_LONG.format(minutes=limit / 60))
                stop(GRACE_SECONDS)
                return

    def stop(grace: float) -> None:
        for number, patience in ((signal.SIGINT, grace), (signal.SIGINT, GRACE_SECONDS), (signal.SIGKILL, GRACE_SECONDS)):
            process.send_signal(number)
            if over.wait(patience):
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join(1.0)  # a look that still waits for an answer is not waited for


@contextmanager
def _passing_on(process: subprocess.Popen[str], report: Reporter, ended: Ended) -> Iterator[None]:
    def pass_on(number: int, _: object) -> None:
        if not counts(number):
            return
        ended.interrupted += 1
        report.note(WAITING if ended.interrupted == 1 else ABANDONED)
        process.send_signal(signal.SIGINT)

    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may handle signals; who started this one passes them on
        return
    before = {number: signal.signal(number, pass_on) for number in endings()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _read(line: str, ended: Ended, on_event: Callable[[Event], None]) -> None:
    try:
        event = json.loads(line)
        kind = event["type"]
    except (ValueError, KeyError, TypeError):
        if line.strip():
            ended.other_lines.append(line.rstrip())
        return
    if kind == "diagnostic":
        ended.diagnostics.append(event["diagnostic"])
    on_event(event)
