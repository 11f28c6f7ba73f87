"""HDInsight clusters: create, look, tag, delete. What happens to them by themselves is in cluster_life.py."""

import uuid
from typing import TYPE_CHECKING, Any

from aerial_ops.emulator.arm import operations
from aerial_ops.emulator.arm.errors import ArmError, conflict
from aerial_ops.emulator.arm.messages import Answer, Call, Router
from aerial_ops.emulator.arm.resources import cluster_spec
from aerial_ops.emulator.arm.resources.cluster_spec import KIND
from aerial_ops.emulator.arm.resources.common import GROUP, SUBSCRIPTION, location_of, need, need_group, page
from aerial_ops.emulator.arm.resources.removal import plan_removal
from aerial_ops.emulator.arm.store import Resource

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm

CLUSTERS = "/providers/Microsoft.HDInsight/clusters"
CLUSTER = GROUP + CLUSTERS + "/{cluster}"
# The states of a creation, each with the share of the whole time after which it begins.
CREATING = (
    ("Accepted", 0.0),
    ("ClusterStorageProvisioned", 0.05),
    ("AzureVMConfiguration", 0.15),
    ("HDInsightConfiguration", 0.5),
    ("Operational", 0.95),
)
routes = Router()


@routes.on("PUT", CLUSTER)
def put_cluster(arm: "Arm", call: Call) -> Answer:
    """Begin to create a cluster."""
    need_group(arm, call, writable=True)
    body = call.json()
    location, properties = location_of(arm, body), body.get("properties") or {}
    old = arm.store.get(call.path)
    if old is not None:
        raise conflict(
            f"The cluster '{old.name}' already exists and is in the state '{old.properties['clusterState']}'.",
            "ClusterAlreadyExists",
        )
    if name_taken(arm, call["cluster"]):
        raise conflict(f"The cluster name '{call['cluster']}' is already taken.", "ClusterNameNotAvailable")
    cluster_spec.check_order(arm, call["cluster"], location, properties)
    cluster_spec.check_quota(arm, call["subscription"], location, call["cluster"], cluster_spec.cores_of(properties))
    full = arm.faults.for_resource("capacity", call.path)
    if full and not full.args.get("late"):
        raise _no_capacity(location)
    cluster = _new(arm, call, body, location)
    operation = operations.begin(arm, cluster.id, result="resource", action=f"{KIND}/write")
    cluster.hidden["operation"] = operation
    arm.store.put(cluster)
    arm.meter.open(cluster)
    failure = arm.faults.for_resource("create-fails", call.path)
    _plan_creation(arm, cluster, operation, _no_capacity(location) if full else _failure(failure.args) if failure else None)
    return Answer(200, cluster.body, operation_headers(arm, call, cluster, operation))


@routes.on("GET", CLUSTER)
def get_cluster(arm: "Arm", call: Call) -> Answer:
    """One cluster."""
    cluster = need(arm, call, call.path, KIND)
    hold = operations.HOLD if cluster.properties["clusterState"] == "Deleting" else 0.0
    return Answer(200, cluster.body, hold=hold)


@routes.on("PATCH", CLUSTER)
def patch_cluster(arm: "Arm", call: Call) -> Answer:
    """Change tags."""
    cluster, changes = need(arm, call, call.path, KIND), call.json()
    if "tags" in changes:
        cluster.body["tags"] = changes["tags"] or {}
    return Answer(200, arm.store.put(cluster).body)


@routes.on("DELETE", CLUSTER)
def delete_cluster(arm: "Arm", call: Call) -> Answer:
    """Begin to delete a cluster; refused while it is being created."""
    cluster = arm.store.get(call.path)
    if cluster is None:
        need_group(arm, call)
        return Answer(204)
    if not may_delete(cluster):
        raise conflict(
            f"The cluster '{cluster.name}' is in the state '{cluster.properties['clusterState']}' and cannot be deleted while "
            "its creation is in progress. Try again when the creation has ended."
        )
    operation = begin_delete(arm, cluster)
    return Answer(202, None, operation_headers(arm, call, cluster, operation, location="operationresults"))


@routes.on("GET", GROUP + CLUSTERS)
@routes.on("GET", SUBSCRIPTION + CLUSTERS)
def list_clusters(arm: "Arm", call: Call) -> Answer:
    """The clusters of a group or a subscription."""
    if "group" in call.params:
        need_group(arm, call)
    above = call.path[: call.path.lower().index("/providers/")]
    return page(arm, call, [cluster.body for cluster in arm.store.below(above, KIND)])


def may_delete(cluster: Resource) -> bool:
    """Whether a cluster is not being created."""
    return cluster.properties["clusterState"] not in [state for state, _ in CREATING]


def name_taken(arm: "Arm", name: str) -> bool:
    """Cluster names are host names: unique in the whole cloud."""
    return any(found.name.lower() == name.lower() for found in arm.store.below("/subscriptions", KIND))


def operation_headers(arm: "Arm", call: Call, cluster: Resource, operation: str, *, location: str = "") -> dict[str, str]:
    """The headers of an answer that starts an operation on a cluster."""
    place = f"/subscriptions/{call['subscription']}/providers/Microsoft.HDInsight/locations/{cluster.location}"
    return operations.headers(arm, call, operation, place, wait=arm.durations.poll * 4, location=location)


def begin_delete(arm: "Arm", cluster: Resource) -> str:
    """Begin to delete a cluster that may be deleted; gives the operation, the one under way when there is one already."""
    if cluster.properties["clusterState"] == "Deleting":
        return str(cluster.hidden["operation"])
    arm.store.cancel(cluster.id)
    operation = operations.begin(arm, cluster.id, action=f"{KIND}/delete")
    cluster.properties.update(clusterState="Deleting", provisioningState="Deleting")
    cluster.hidden["operation"] = operation
    arm.at(arm.clock.now(), "cluster-stop", cluster.id)
    plan_removal(arm, cluster, "cluster-gone", arm.durations.cluster_delete, {"operation": operation})
    arm.store.put(cluster)
    return operation


def _new(arm: "Arm", call: Call, body: dict[str, Any], location: str) -> Resource:
    properties = dict(body["properties"])
    definition = dict(properties["clusterDefinition"])
    configurations = definition.pop("configurations", None) or {}
    storage = cluster_spec.storage_links(arm, properties)
    properties.pop("storageProfile", None)
    scripts = [dict(script) for role in properties["computeProfile"]["roles"] for script in role.get("scriptActions") or []]
    for role in properties["computeProfile"]["roles"]:
        system = role["osProfile"]["linuxOperatingSystemProfile"]
        role["osProfile"] = {"linuxOperatingSystemProfile": {"username": system["username"]}}
        for script in role.get("scriptActions") or []:
            script["uri"] = script["uri"].partition("?")[0]  # what follows may be a signature
    version = str(properties["clusterVersion"])
    properties |= {
        "clusterVersion": cluster_spec.VERSIONS.get(version, version),
        "clusterHdpVersion": "",
        "clusterId": uuid.uuid4().hex,
        "clusterDefinition": definition,
        "clusterState": "Accepted",
        "provisioningState": "InProgress",
        "createdDate": arm.clock.moment().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3],
        "quotaInfo": {"coresUsed": cluster_spec.cores_of(properties)},
        "connectivityEndpoints": [],
    }
    shown = {"id": call.path, "name": call["cluster"], "type": KIND, "location": location, "etag": str(uuid.uuid4())}
    kept = {name: value for name, value in properties.items() if value is not None}
    hidden = {"configurations": configurations, "storage": storage, "scripts": scripts}
    return Resource(KIND, {**shown, "tags": body.get("tags") or {}, "properties": kept}, hidden)


def _plan_creation(arm: "Arm", cluster: Resource, operation: str, failure: ArmError | None) -> None:
    whole = arm.durations.cluster_create
    last = 0.6 if failure else 1.0
    for state, share in CREATING[1:]:
        if share < last:
            arm.after(whole * share, "cluster-state", cluster.id, state=state, operation=operation)
    if failure:
        error = {"status": failure.status, "code": failure.code, "message": failure.message}
        arm.after(whole * last, "cluster-failed", cluster.id, operation=operation, error=error)
    else:
        arm.after(whole, "cluster-ready", cluster.id, operation=operation)


def _failure(args: dict[str, Any]) -> ArmError:
    text = "Cluster creation failed due to an internal error. Delete the cluster and create it again."
    return ArmError(500, str(args.get("code", "InternalServerError")), str(args.get("message", text)))


def _no_capacity(location: str) -> ArmError:
    text = f"The requested node size is currently not available in location '{location}'. Please try another size or region."
    return ArmError(409, "SkuNotAvailable", text)
