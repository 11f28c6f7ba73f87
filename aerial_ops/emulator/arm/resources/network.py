"""Virtual networks, subnets, network security groups and their rules."""

import uuid
from typing import TYPE_CHECKING, Any

from aerial_ops.emulator.arm import operations
from aerial_ops.emulator.arm.errors import bad_request
from aerial_ops.emulator.arm.messages import Answer, Call, Router
from aerial_ops.emulator.arm.resources.cluster_spec import KIND as CLUSTER_KIND
from aerial_ops.emulator.arm.resources.common import GROUP, SUBSCRIPTION, Plain, need, need_group, need_parent, page, put_plain
from aerial_ops.emulator.arm.store import Resource
from aerial_ops.emulator.arm.worker import action

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm

NETWORKS = "/providers/Microsoft.Network/virtualNetworks"
NETWORK = GROUP + NETWORKS + "/{network}"
SECURITY = "/providers/Microsoft.Network/networkSecurityGroups"
SECURITY_GROUP = GROUP + SECURITY + "/{security}"
NETWORK_KIND, SUBNET_KIND = "Microsoft.Network/virtualNetworks", "Microsoft.Network/virtualNetworks/subnets"
SECURITY_KIND, RULE_KIND = "Microsoft.Network/networkSecurityGroups", "Microsoft.Network/networkSecurityGroups/securityRules"
routes = Router()


def _network(arm: "Arm", call: Call, network: Resource, old: Resource | None) -> None:
    for subnet in network.properties.pop("subnets", None) or []:
        _put_child(arm, f"{call.path}/subnets/{subnet['name']}", SUBNET_KIND, subnet)
    network.properties.setdefault("enableDdosProtection", False)
    network.properties.update(resourceGuid=_guid(network), virtualNetworkPeerings=[])


def _subnet(arm: "Arm", call: Call, subnet: Resource, old: Resource | None) -> None:
    wanted = (subnet.properties.get("networkSecurityGroup") or {}).get("id")
    if wanted and arm.store.get(wanted) is None:
        raise bad_request(f"Resource {wanted} referenced by resource {subnet.id} was not found.", "InvalidResourceReference")
    for name in ("delegations", "serviceEndpoints"):
        subnet.properties.setdefault(name, [])


def _security(arm: "Arm", call: Call, group: Resource, old: Resource | None) -> None:
    for rule in group.properties.pop("securityRules", None) or []:
        _put_child(arm, f"{call.path}/securityRules/{rule['name']}", RULE_KIND, rule)
    group.properties["resourceGuid"] = _guid(group)


def _put_child(arm: "Arm", id: str, kind: str, given: dict[str, Any]) -> None:
    properties = {**(given.get("properties") or {}), "provisioningState": "Succeeded"}
    arm.store.put(Resource(kind, {"id": id, "name": given["name"], "type": kind, "properties": properties}))


def _guid(resource: Resource) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, resource.key))


def _view(arm: "Arm", resource: Resource) -> dict[str, Any]:
    """A network with its subnets, a security group with its rules."""
    inside = {NETWORK_KIND: ("subnets", SUBNET_KIND), SECURITY_KIND: ("securityRules", RULE_KIND)}.get(resource.kind)
    if inside is None:
        return resource.body
    children = [child.body for child in arm.store.below(resource.id, inside[1])]
    more: dict[str, Any] = {"defaultSecurityRules": []} if resource.kind == SECURITY_KIND else {}
    return {**resource.body, "properties": {**resource.properties, inside[0]: children, **more}}


def _check_unused(arm: "Arm", resource: Resource) -> None:
    """Raises ArmError 400 while something uses what is to be deleted."""
    if resource.kind in (SUBNET_KIND, NETWORK_KIND):
        for cluster in arm.store.below("/subscriptions", CLUSTER_KIND):
            for role in cluster.properties["computeProfile"]["roles"]:
                used = str((role.get("virtualNetworkProfile") or {}).get("subnet") or "").lower()
                if used == resource.key or used.startswith(resource.key + "/"):
                    message = f"Subnet {resource.name} is in use by {cluster.id} and cannot be deleted."
                    raise bad_request(message, "InUseSubnetCannotBeDeleted")
    if resource.kind == SECURITY_KIND:
        for subnet in arm.store.below("/subscriptions", SUBNET_KIND):
            if str((subnet.properties.get("networkSecurityGroup") or {}).get("id") or "").lower() == resource.key:
                message = f"Network security group {resource.id} cannot be deleted because it is in use by {subnet.id}."
                raise bad_request(message, "InUseNetworkSecurityGroupCannotBeDeleted")


def _operation(arm: "Arm", call: Call, resource: Resource, name: str) -> dict[str, str]:
    operation = operations.begin(arm, resource.id)
    arm.after(arm.durations.network, name, resource.id, operation=operation)
    location = resource.location or need_group(arm, call).location
    place = f"/subscriptions/{call['subscription']}/providers/Microsoft.Network/locations/{location}"
    location_header = "operationResults" if name == "network-gone" else ""
    wait = arm.durations.network
    return operations.headers(arm, call, operation, place, wait=wait, status="operations", location=location_header)


def _add(plain: Plain, lists: list[str]) -> None:
    @routes.on("PUT", plain.path)
    def put(arm: "Arm", call: Call) -> Answer:
        need_parent(arm, call, plain)
        made = put_plain(arm, call, plain)
        resource = need(arm, call, call.path, plain.kind)
        resource.properties["provisioningState"] = "Updating"
        resource.body["etag"] = f'W/"{uuid.uuid4()}"'
        arm.store.put(resource)
        return Answer(made.status, _view(arm, resource), _operation(arm, call, resource, "network-ready"))

    @routes.on("GET", plain.path)
    def get(arm: "Arm", call: Call) -> Answer:
        found = need(arm, call, call.path, plain.kind)
        busy = found.properties.get("provisioningState") in ("Updating", "Deleting")
        return Answer(200, _view(arm, found), hold=operations.HOLD if busy else 0.0)

    @routes.on("PATCH", plain.path)
    def patch(arm: "Arm", call: Call) -> Answer:
        found = need(arm, call, call.path, plain.kind)
        found.body["tags"] = call.json().get("tags") or {}
        return Answer(200, _view(arm, arm.store.put(found)))

    @routes.on("DELETE", plain.path)
    def delete(arm: "Arm", call: Call) -> Answer:
        found = arm.store.get(call.path)
        if found is None:
            return Answer(204)
        for resource in [found, *arm.store.below(found.id)]:
            _check_unused(arm, resource)
        found.properties["provisioningState"] = "Deleting"
        arm.store.put(found)
        return Answer(202, None, _operation(arm, call, found, "network-gone"))

    for path in lists:

        @routes.on("GET", path)
        def list_all(arm: "Arm", call: Call) -> Answer:
            if "group" in call.params:
                need_group(arm, call)
            above = call.path if plain.parent != GROUP else call.path[: call.path.lower().rindex("/providers/")]
            return page(arm, call, [_view(arm, found) for found in arm.store.below(above, plain.kind)])


_add(Plain(NETWORK_KIND, NETWORK, prepare=_network), [GROUP + NETWORKS, SUBSCRIPTION + NETWORKS])
_add(Plain(SUBNET_KIND, NETWORK + "/subnets/{subnet}", parent=NETWORK, prepare=_subnet), [NETWORK + "/subnets"])
_add(Plain(SECURITY_KIND, SECURITY_GROUP, prepare=_security), [GROUP + SECURITY, SUBSCRIPTION + SECURITY])
_add(Plain(RULE_KIND, SECURITY_GROUP + "/securityRules/{rule}", parent=SECURITY_GROUP), [SECURITY_GROUP + "/securityRules"])


@action("network-ready")
def _ready(arm: "Arm", target: str, data: dict[str, Any]) -> None:
    resource = arm.store.get(target)
    if resource is not None and resource.properties.get("provisioningState") == "Updating":
        resource.properties["provisioningState"] = "Succeeded"
        arm.store.put(resource)
    operations.finish(arm, data["operation"])


@action("network-gone")
def _gone(arm: "Arm", target: str, data: dict[str, Any]) -> None:
    arm.store.remove(target)
    operations.finish(arm, data["operation"])
