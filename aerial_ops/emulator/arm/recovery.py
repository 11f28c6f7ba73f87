"""After a start: what the store knows of runs again. After a removal: what ran behind it is stopped."""

from typing import TYPE_CHECKING

from aerial_ops.emulator.arm.store import Resource
from aerial_ops.emulator.arm.worker import action

if TYPE_CHECKING:
    from typing import Any

    from aerial_ops.emulator.arm.service import Arm

ACCOUNT, CLUSTER = "Microsoft.Storage/storageAccounts", "Microsoft.HDInsight/clusters"


def recover(arm: "Arm") -> None:
    """Plan the start of every blob service and job server that should run; those that do are found running."""
    now = arm.clock.now()
    for account in arm.store.below("/subscriptions", ACCOUNT):
        if account.properties.get("provisioningState") == "Succeeded":
            arm.at(now, "storage-resume", account.id)
    for cluster in arm.store.below("/subscriptions", CLUSTER):
        if cluster.properties.get("clusterState") == "Running":
            arm.at(now, "cluster-resume", cluster.id)


def forget(arm: "Arm", gone: list[Resource]) -> None:
    """Stop what ran behind resources that are no more, and close their bills."""
    now = arm.clock.now()
    for resource in gone:
        if resource.kind == ACCOUNT:
            arm.at(now, "storage-erase", resource.id, account=resource.name)
        elif resource.kind == CLUSTER:
            arm.meter.close(resource)
            arm.at(now, "cluster-erase", resource.id)


@action("storage-erase", blocking=True)
def _storage_erase(arm: "Arm", target: str, data: "dict[str, Any]") -> None:
    arm.backends.stop_storage(data["account"])


@action("cluster-erase", blocking=True)
def _cluster_erase(arm: "Arm", target: str, data: "dict[str, Any]") -> None:
    arm.backends.stop_cluster(target)
