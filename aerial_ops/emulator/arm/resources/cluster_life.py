"""What happens to HDInsight clusters by themselves: states, the job server, failure, the end."""

from typing import TYPE_CHECKING, Any

from aerial_ops.emulator.arm import operations
from aerial_ops.emulator.arm.backends import BackendError
from aerial_ops.emulator.arm.errors import ArmError
from aerial_ops.emulator.arm.recovery import ACCOUNT, resuming
from aerial_ops.emulator.arm.resources.cluster_spec import cores_of, order_of
from aerial_ops.emulator.arm.resources.storage import keys_of
from aerial_ops.emulator.arm.store import Resource
from aerial_ops.emulator.arm.worker import action

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm


@action("cluster-state")
def _state(arm: "Arm", target: str, data: dict[str, Any]) -> None:
    """A step of the creation."""
    cluster = arm.store.get(target)
    if cluster is not None:
        cluster.properties["clusterState"] = data["state"]
        arm.store.put(cluster)


@action("cluster-ready", blocking=True)
def _ready(arm: "Arm", target: str, data: dict[str, Any]) -> None:
    """The last step: scripts, the job server, then Running; or Error."""
    cluster = arm.store.get(target)
    if cluster is None:
        return
    error = _script_error(arm, cluster)
    gateway = ""
    if error is None:
        try:
            gateway = _start(arm, cluster)
        except BackendError as failed:
            error = ArmError(500, "InternalServerError", f"The cluster's services did not start: {failed}")
    with arm.store.transaction():
        cluster = arm.store.get(target)
        if cluster is None:
            return
        if error is None:
            _running(cluster, gateway)
        else:
            _broken(cluster, error)
        arm.store.put(cluster)
        operations.finish(arm, data["operation"], error)


@action("cluster-failed")
def _failed(arm: "Arm", target: str, data: dict[str, Any]) -> None:
    """The creation fails; the cluster stays, in Error, and costs."""
    cluster = arm.store.get(target)
    error = ArmError(**data["error"])
    if cluster is not None:
        _broken(cluster, error)
        arm.store.put(cluster)
    operations.finish(arm, data["operation"], error)


@action("cluster-resume", blocking=True)
def _resume(arm: "Arm", target: str, data: dict[str, Any]) -> None:
    """After a restart of the emulator: the job server runs again, where it was."""
    cluster = arm.store.get(target)
    if cluster is None or cluster.properties["clusterState"] != "Running":
        return
    with resuming(arm, target):
        _start_storage(arm, cluster)
        gateway = _start(arm, cluster)
        with arm.store.transaction():
            cluster = arm.store.get(target)
            if cluster is not None and cluster.properties["clusterState"] == "Running":
                _running(cluster, gateway)
                arm.store.put(cluster)


@action("cluster-gateway", blocking=True)
def _gateway(arm: "Arm", target: str, data: dict[str, Any]) -> None:
    """The gateway takes its new credentials."""
    cluster = arm.store.get(target)
    error = None
    if cluster is not None:
        try:
            arm.backends.start_cluster(order_of(cluster))
        except BackendError as failed:
            error = ArmError(500, "InternalServerError", f"The gateway did not restart: {failed}")
    operations.finish(arm, data["operation"], error)


@action("cluster-resized")
def _resized(arm: "Arm", target: str, data: dict[str, Any]) -> None:
    """A resize ends."""
    cluster = arm.store.get(target)
    if cluster is not None:
        for role in cluster.properties["computeProfile"]["roles"]:
            if role["name"] == data["role"]:
                role["targetInstanceCount"] = data["count"]
        cluster.properties["provisioningState"] = "Succeeded"
        cluster.properties["quotaInfo"] = {"coresUsed": cores_of(cluster.properties)}
        cluster.hidden.pop("resizing", None)
        arm.store.put(cluster)
        arm.meter.change(cluster)
    operations.finish(arm, data["operation"])


@action("operation-ends")
def _operation_ends(arm: "Arm", target: str, data: dict[str, Any]) -> None:
    operations.finish(arm, data["operation"])


@action("cluster-stop", blocking=True)
def _stop(arm: "Arm", target: str, data: dict[str, Any]) -> None:
    """A deletion begins: the job server ends."""
    arm.backends.stop_cluster(target)


@action("cluster-gone", blocking=True)
def _gone(arm: "Arm", target: str, data: dict[str, Any]) -> None:
    """A deletion ends: the cluster is no more, or in Error when it was told to fail."""
    arm.backends.stop_cluster(target)
    with arm.store.transaction():
        cluster = arm.store.get(target)
        if cluster is None:
            return
        error = None
        if arm.faults.for_resource("delete-fails", target):
            error = ArmError(500, "InternalServerError", "The cluster could not be deleted due to an internal error. Try again.")
            _broken(cluster, error)
            arm.store.put(cluster)
        else:
            arm.meter.close(cluster)
            arm.store.remove(target)
        operations.finish(arm, data["operation"], error)


def _start(arm: "Arm", cluster: Resource) -> str:
    order = order_of(cluster)
    for link in order.storage:
        arm.backends.create_container(link.account, link.key, link.container, {})
    return arm.backends.start_cluster(order)


def _start_storage(arm: "Arm", cluster: Resource) -> None:
    """The accounts' own events may come later; whoever is first starts them."""
    linked = {link.account for link in order_of(cluster).storage}
    for account in arm.store.below("/subscriptions", ACCOUNT):
        if account.name in linked:
            arm.backends.start_storage(account.name, keys_of(account))


def _script_error(arm: "Arm", cluster: Resource) -> ArmError | None:
    """HDInsight fetches the script actions; one that cannot be read fails the creation."""
    for script in cluster.hidden["scripts"]:
        reason = arm.backends.reachable(script["uri"])
        if reason:
            address = script["uri"].partition("?")[0]
            text = f"The script action '{script['name']}' could not be downloaded from {address}: {reason}."
            return ArmError(400, "ScriptActionDownloadFailed", text)
    return None


def _running(cluster: Resource, gateway: str) -> None:
    host, _, port = gateway.rpartition(":")
    https = {"name": "HTTPS", "protocol": "TCP", "location": gateway, "port": int(port)}
    ssh = {"name": "SSH", "protocol": "TCP", "location": f"{cluster.name}-ssh.{host}", "port": 22}
    cluster.properties.update(clusterState="Running", provisioningState="Succeeded", connectivityEndpoints=[ssh, https])
    cluster.properties.pop("errors", None)


def _broken(cluster: Resource, error: ArmError) -> None:
    cluster.properties.update(clusterState="Error", provisioningState="Failed", connectivityEndpoints=[])
    cluster.properties["errors"] = [{"code": error.code, "message": error.message}]
