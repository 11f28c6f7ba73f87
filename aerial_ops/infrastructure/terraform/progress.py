"""Terraform's work as the user sees it: one line for each resource, and a bar over all."""

from contextlib import ExitStack
from typing import Self

from aerial_ops.infrastructure.terraform.process import Event
from aerial_ops.reporting import Reporter, SilentTask, Task

USUAL_MINUTES = {"azurerm_hdinsight_spark_cluster": (20, 5)}  # what takes long, to create and to delete
VERBS = {
    "create": ("Creating", "Created"),
    "delete": ("Deleting", "Deleted"),
    "update": ("Changing", "Changed"),
    "read": ("Reading", "Read"),
}


class Progress:
    """Shows the events of one apply."""

    def __init__(self, report: Reporter, destroys: bool, total: int) -> None:
        self._report, self._destroys, self._total = report, destroys, total
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
        elif event["type"] == "apply_progress":
            self._still(event)

    def _begin(self, event: Event) -> None:
        hook = event["hook"]
        usual = USUAL_MINUTES.get(hook["resource"]["resource_type"])
        if usual:
            minutes = usual[hook["action"] == "delete"]
            self._report.note(f"{VERBS[hook['action']][0]} {hook['resource']['addr']} (usually about {minutes} minutes) ...")

    def _still(self, event: Event) -> None:
        hook = event["hook"]
        if hook["elapsed_seconds"] % 60 == 0:
            self._report.note(
                f"{VERBS[hook['action']][0]} {hook['resource']['addr']}: {hook['elapsed_seconds'] // 60} minutes so far"
            )
