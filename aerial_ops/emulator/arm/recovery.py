"""After a start: what the store knows of runs again. After a removal: what ran behind it is stopped."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from aerial_ops.emulator.arm.backends import BackendError
from aerial_ops.emulator.arm.store import Event, Resource
from aerial_ops.emulator.arm.worker import action

if TYPE_CHECKING:
    from typing import Any

    from aerial_ops.emulator.arm.service import Arm

ACCOUNT, CLUSTER = "Microsoft.Storage/storageAccounts", "Microsoft.HDInsight/clusters"
RESUME = {ACCOUNT: "storage-resume", CLUSTER: "cluster-resume"}
POLL_SECONDS = 0.05
log = logging.getLogger("aerial_ops.emulator.arm")


def recover(arm: "Arm") -> None:
    """Plan the start of every blob service and job server that should run; those that do are found running."""
    now = arm.clock.now()
    planned = {event.target for event in _planned(arm)}
    for kind, state, wanted in ((ACCOUNT, "provisioningState", "Succeeded"), (CLUSTER, "clusterState", "Running")):
        for resource in arm.store.below("/subscriptions", kind):
            if resource.properties.get(state) == wanted and resource.id.lower() not in planned:
                arm.at(now, RESUME[kind], resource.id)


def recovered(arm: "Arm", seconds: float) -> bool:
    """Wait until what `recover` has planned has happened; False when it has not within `seconds`."""
    until = time.monotonic() + seconds
    while _planned(arm):
        if time.monotonic() > until:
            return False
        time.sleep(POLL_SECONDS)
    return True


@contextmanager
def resuming(arm: "Arm", target: str) -> Iterator[None]:
    """Around the start of what runs behind `target`: why it fails is kept in `arm.unwell`."""
    arm.unwell.pop(target, None)
    try:
        yield
    except BackendError as error:
        log.warning("What runs behind %s did not start: %s", target, error)
        arm.unwell[target] = str(error)


def forget(arm: "Arm", gone: list[Resource]) -> None:
    """Stop what ran behind resources that are no more, and close their bills."""
    now = arm.clock.now()
    for resource in gone:
        if resource.kind == ACCOUNT:
            arm.at(now, "storage-erase", resource.id, account=resource.name)
        elif resource.kind == CLUSTER:
            arm.meter.close(resource)
            arm.at(now, "cluster-erase", resource.id)


def _planned(arm: "Arm") -> list[Event]:
    return [event for event in arm.store.planned() if event.action in RESUME.values()]


@action("storage-erase", blocking=True)
def _storage_erase(arm: "Arm", target: str, data: "dict[str, Any]") -> None:
    arm.backends.stop_storage(data["account"])


@action("cluster-erase", blocking=True)
def _cluster_erase(arm: "Arm", target: str, data: "dict[str, Any]") -> None:
    arm.backends.stop_cluster(target)
