"""HDInsight clusters that run: configurations, gateway, extensions, size."""

from typing import TYPE_CHECKING, Any

from aerial_ops.emulator.arm import operations
from aerial_ops.emulator.arm.errors import bad_request, conflict, not_found
from aerial_ops.emulator.arm.messages import Answer, Call, Router
from aerial_ops.emulator.arm.resources import cluster_spec
from aerial_ops.emulator.arm.resources.cluster_spec import KIND
from aerial_ops.emulator.arm.resources.clusters import CLUSTER, operation_headers
from aerial_ops.emulator.arm.resources.common import need
from aerial_ops.emulator.arm.store import Resource

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm

routes = Router()


def _cluster(arm: "Arm", call: Call, *, running: bool = False) -> Resource:
    id = call.path[: call.path.lower().index("/clusters/")] + f"/clusters/{call['cluster']}"
    cluster = need(arm, call, id, KIND)
    if running and (cluster.properties["clusterState"] != "Running" or "resizing" in cluster.hidden):
        state = "Resizing" if "resizing" in cluster.hidden else cluster.properties["clusterState"]
        raise conflict(f"The cluster '{cluster.name}' is in the state '{state}', in which this operation is not allowed.")
    return cluster


def _accepted(arm: "Arm", call: Call, cluster: Resource, operation: str) -> Answer:
    return Answer(202, None, operation_headers(arm, call, cluster, operation, location="operationresults"))


def _texts(values: dict[str, Any]) -> dict[str, str]:
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in values.items()}


def _configurations(arm: "Arm", cluster: Resource) -> dict[str, dict[str, str]]:
    found = {name: _texts(values) for name, values in cluster.hidden["configurations"].items()}
    default = next((link for link in cluster.hidden["storage"] if link["is_default"]), None)
    if default is not None:
        host = f"{default['account']}.blob.{arm.storage_suffix}"
        site = {"fs.defaultFS": f"wasbs://{default['container']}@{host}", f"fs.azure.account.key.{host}": default["key"]}
        found["core-site"] = {**site, **found.get("core-site", {})}
    return found


@routes.on("POST", CLUSTER + "/configurations")
def configurations(arm: "Arm", call: Call) -> Answer:
    """Every configuration, secrets included."""
    return Answer(200, {"configurations": _configurations(arm, _cluster(arm, call))})


@routes.on("GET", CLUSTER + "/configurations/{name}")
def configuration(arm: "Arm", call: Call) -> Answer:
    """One configuration."""
    found = _configurations(arm, _cluster(arm, call)).get(call["name"].lower())
    if found is None:
        raise not_found(f"The configuration '{call['name']}' was not found.")
    return Answer(200, found)


@routes.on("POST", CLUSTER + "/configurations/{name}")
def update_configuration(arm: "Arm", call: Call) -> Answer:
    """New gateway credentials, in the old way."""
    if call["name"].lower() != "gateway":
        raise bad_request(f"The configuration '{call['name']}' cannot be changed.")
    return update_gateway(arm, call)


@routes.on("POST", CLUSTER + "/getGatewaySettings")
def gateway(arm: "Arm", call: Call) -> Answer:
    """The gateway's credentials."""
    return Answer(200, _configurations(arm, _cluster(arm, call)).get("gateway", {}))


@routes.on("POST", CLUSTER + "/updateGatewaySettings")
def update_gateway(arm: "Arm", call: Call) -> Answer:
    """New gateway credentials."""
    cluster = _cluster(arm, call, running=True)
    cluster.hidden["configurations"].setdefault("gateway", {}).update(call.json())
    arm.store.put(cluster)
    operation = operations.begin(arm, cluster.id)
    arm.after(arm.durations.cluster_update, "cluster-gateway", cluster.id, operation=operation)
    return _accepted(arm, call, cluster, operation)


@routes.on("GET", CLUSTER + "/extensions/{name}")
def extension(arm: "Arm", call: Call) -> Answer:
    """No extension is ever installed."""
    _cluster(arm, call)
    return Answer(200, {"clusterMonitoringEnabled": False})


@routes.on("POST", CLUSTER + "/roles/{role}/resize")
def resize(arm: "Arm", call: Call) -> Answer:
    """Another number of workers."""
    cluster, count = _cluster(arm, call, running=True), call.json().get("targetInstanceCount")
    if call["role"].lower() != "workernode":
        raise bad_request(f"The role '{call['role']}' cannot be resized.", "InvalidRole")
    if not isinstance(count, int) or count < 1:
        raise bad_request("The targetInstanceCount must be a whole number of at least 1.", "InvalidInstanceCount")
    wanted = Resource(KIND, {"properties": {"computeProfile": {"roles": []}}})
    for role in cluster.properties["computeProfile"]["roles"]:
        number = count if role["name"] == "workernode" else role["targetInstanceCount"]
        wanted.properties["computeProfile"]["roles"].append({**role, "targetInstanceCount": number})
    cores = cluster_spec.cores_of(wanted.properties)
    if cores > cluster_spec.cores_of(cluster.properties):
        cluster_spec.check_quota(arm, call["subscription"], cluster.location, cluster.name, cores, without=cluster.id)
    operation = operations.begin(arm, cluster.id, action=f"{KIND}/roles/resize/action")
    cluster.properties["provisioningState"] = "InProgress"
    cluster.hidden["resizing"] = count
    arm.store.put(cluster)
    arm.after(arm.durations.cluster_resize, "cluster-resized", cluster.id, operation=operation, role="workernode", count=count)
    return _accepted(arm, call, cluster, operation)


@routes.on("POST", CLUSTER + "/roles/{role}/autoscale")
def autoscale(arm: "Arm", call: Call) -> Answer:
    """Note the rules of autoscale; nothing is scaled by them."""
    cluster = _cluster(arm, call, running=True)
    rules = call.json().get("autoscale")
    for role in cluster.properties["computeProfile"]["roles"]:
        if role["name"] == call["role"].lower():
            role.pop("autoscale", None)
            role.update({"autoscale": rules} if rules else {})
    arm.store.put(cluster)
    operation = operations.begin(arm, cluster.id)
    arm.after(arm.durations.cluster_update, "operation-ends", cluster.id, operation=operation)
    return _accepted(arm, call, cluster, operation)
