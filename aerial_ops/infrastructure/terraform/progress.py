"""Terraform's work as the user sees it: one line for each resource, and a bar over all."""

import time
from contextlib import ExitStack
from datetime import timedelta
from typing import Protocol, Self

from aerial_ops.infrastructure.durations import rough_text
from aerial_ops.infrastructure.terraform.process import Event
from aerial_ops.reporting import Reporter, SilentTask, Task

CLUSTER = "azurerm_hdinsight_spark_cluster"
AZURE_TAKES = {  # what takes long, by type and action
    (CLUSTER, "create"): timedelta(minutes=20),
    (CLUSTER, "delete"): timedelta(minutes=5),
}
VERBS = {"create": "Creating", "delete": "Deleting", "update": "Changing", "read": "Reading"}


class Times(Protocol):
    """How long things have taken here so far."""

    def usual(self, kind: str, action: str) -> timedelta | None:
        """How long it usually takes to create or delete a resource of a type; None when that was never done."""

    def took(self, kind: str, action: str, length: timedelta) -> None:
        """It was done, and took that long."""


class NoTimes:
    """Nothing is known, and nothing kept."""

    def usual(self, kind: str, action: str) -> timedelta | None:
        """Not known."""

    def took(self, kind: str, action: str, length: timedelta) -> None:
        """Not kept."""


class Progress:
    """Shows the events of one apply."""

    def __init__(self, report: Reporter, times: Times, destroys: bool, total: int) -> None:
        self._report, self._times, self._destroys, self._total = report, times, destroys, total
        self._started: dict[str, float] = {}
        self._told: dict[str, int] = {}  # minutes, by address
        self._stack = ExitStack()
        self._task: Task = SilentTask()

    def __enter__(self) -> Self:
        label = "Removing" if self._destroys else "Making"
        self._task = self._stack.enter_context(self._report.task(label, self._total, "resources"))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def event(self, event: Event) -> None:
        """One of Terraform's JSON lines."""
        if event["type"] == "apply_start":
            self._begin(event)
        elif event["type"] == "apply_complete":
            self._task.advance()
            self._end(event)
        elif event["type"] == "apply_progress":
            self._still(event)

    def _begin(self, event: Event) -> None:
        hook = event["hook"]
        what = (hook["resource"]["resource_type"], hook["action"])
        if what not in AZURE_TAKES:
            return
        address = hook["resource"]["addr"]
        self._started[address] = time.monotonic()
        usual = self._times.usual(*what)
        long = f"usually about {rough_text(usual)}" if usual is not None else f"Azure takes about {rough_text(AZURE_TAKES[what])}"
        self._report.note(f"{VERBS[hook['action']]} {address} ({long}) ...")

    def _end(self, event: Event) -> None:
        hook = event["hook"]
        started = self._started.pop(hook["resource"]["addr"], None)
        if started is not None:
            length = timedelta(seconds=time.monotonic() - started)
            self._times.took(hook["resource"]["resource_type"], hook["action"], length)

    def _still(self, event: Event) -> None:
        hook = event["hook"]
        address, minutes = hook["resource"]["addr"], int(hook["elapsed_seconds"]) // 60
        if minutes > self._told.get(address, 0):
            self._told[address] = minutes
            self._report.note(f"{VERBS[hook['action']]} {address}: {rough_text(timedelta(minutes=minutes))} so far")
