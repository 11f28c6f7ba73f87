"""Resource groups, lists of resources, and the deletion of a group with everything in it."""

import re
from typing import TYPE_CHECKING, Any

from aerial_ops.emulator.arm import operations
from aerial_ops.emulator.arm.errors import ArmError, bad_request, group_deleting
from aerial_ops.emulator.arm.messages import Answer, Call, Router
from aerial_ops.emulator.arm.odata import equals, parse_filter
from aerial_ops.emulator.arm.resources import clusters
from aerial_ops.emulator.arm.resources.cluster_spec import KIND as CLUSTER_KIND
from aerial_ops.emulator.arm.resources.common import GROUP, GROUP_KIND, SUBSCRIPTION, location_of, merge, need_group, page
from aerial_ops.emulator.arm.resources.removal import plan_removal
from aerial_ops.emulator.arm.store import Resource
from aerial_ops.emulator.arm.worker import action

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm

TRACKED = {
    "microsoft.storage/storageaccounts",
    "microsoft.hdinsight/clusters",
    "microsoft.automation/automationaccounts",
    "microsoft.automation/automationaccounts/runbooks",
    "microsoft.managedidentity/userassignedidentities",
    "microsoft.network/virtualnetworks",
    "microsoft.network/networksecuritygroups",
    "microsoft.insights/actiongroups",
}
_NAME = re.compile(r"[\w.()-]{0,89}[\w()-]")
routes = Router()


@routes.on("PUT", GROUP)
def put_group(arm: "Arm", call: Call) -> Answer:
    """Create a group, or replace its tags."""
    body, old = call.json(), arm.store.get(call.path)
    if not _NAME.fullmatch(call["group"]):
        raise bad_request(f"The provided resource group name '{call['group']}' is not valid.", "InvalidResourceGroup")
    location = location_of(arm, body)
    if old is not None and old.properties["provisioningState"] == "Deleting":
        raise group_deleting(call["group"])
    if old is not None and old.location != location:
        message = f"Invalid resource group location '{location}'. The Resource group already exists in location '{old.location}'."
        raise ArmError(409, "InvalidResourceGroupLocation", message)
    kept = {"id": old.id if old else call.path, "name": old.name if old else call["group"], "type": GROUP_KIND}
    group = Resource(GROUP_KIND, {**kept, "location": location, "tags": body.get("tags") or {}})
    if body.get("managedBy"):
        group.body["managedBy"] = body["managedBy"]
    group.properties["provisioningState"] = "Succeeded"
    arm.store.put(group)
    return Answer(200 if old else 201, group.body)


@routes.on("GET", GROUP)
def get_group(arm: "Arm", call: Call) -> Answer:
    """One group."""
    group = need_group(arm, call)
    hold = operations.HOLD if group.properties["provisioningState"] == "Deleting" else 0.0
    return Answer(200, group.body, hold=hold)


@routes.on("HEAD", GROUP)
def has_group(arm: "Arm", call: Call) -> Answer:
    """Whether there is such a group."""
    return Answer(204 if arm.store.get(call.path) else 404)


@routes.on("PATCH", GROUP)
def patch_group(arm: "Arm", call: Call) -> Answer:
    """Change tags."""
    group, changes = need_group(arm, call, writable=True), call.json()
    if "tags" in changes:
        group.body["tags"] = changes["tags"] or {}
    merge(group.body, {name: value for name, value in changes.items() if name == "managedBy"})
    return Answer(200, arm.store.put(group).body)


@routes.on("DELETE", GROUP)
def delete_group(arm: "Arm", call: Call) -> Answer:
    """Begin to delete the group with everything in it."""
    operation = begin_delete(arm, need_group(arm, call))
    place = f"/subscriptions/{call['subscription']}"
    wait = arm.durations.poll
    return Answer(202, None, operations.headers(arm, call, operation, place, wait=wait, status="", location="operationresults"))


@routes.on("GET", SUBSCRIPTION + "/resourceGroups")
def list_groups(arm: "Arm", call: Call) -> Answer:
    """The groups; $filter=tagName eq 'a' and tagValue eq 'b'."""
    groups = [group for group in arm.store.below(f"/subscriptions/{call['subscription']}", GROUP_KIND) if _fits_tag(call, group)]
    return page(arm, call, [group.body for group in groups])


@routes.on("GET", SUBSCRIPTION + "/resources")
@routes.on("GET", GROUP + "/resources")
def list_resources(arm: "Arm", call: Call) -> Answer:
    """The tracked resources of a group or a subscription; $filter by tag, or by resourceType, name, location, resourceGroup."""
    if "group" in call.params:
        need_group(arm, call)
    text = call.query.get("$filter", "")
    test = None if "tagname" in equals(text) or not text else parse_filter(text, ignore_case=True)
    items = []
    for found in tracked(arm, call.path.rsplit("/", 1)[0]):
        if _fits_tag(call, found):
            shown = _generic(call, found)
            if test is None or test({**shown, "resourceType": found.kind, "resourceGroup": found.id.split("/")[4]}):
                items.append(shown)
    return page(arm, call, items)


def tracked(arm: "Arm", above: str) -> list[Resource]:
    """What is listed as a resource below a group or a subscription."""
    return [found for found in arm.store.below(above) if found.kind.lower() in TRACKED]


def _fits_tag(call: Call, resource: Resource) -> bool:
    wanted = equals(call.query.get("$filter", ""))
    if "tagname" not in wanted:
        return True
    tags = {name.lower(): value for name, value in (resource.body.get("tags") or {}).items()}
    value = tags.get(wanted["tagname"].lower())
    return value is not None and wanted.get("tagvalue", value) == value


def _generic(call: Call, resource: Resource) -> dict[str, Any]:
    names = ("id", "name", "type", "kind", "sku", "location", "identity", "tags")
    shown = {name: resource.body[name] for name in names if name in resource.body}
    if "provisioningState" in call.query.get("$expand", ""):
        shown["provisioningState"] = resource.properties.get("provisioningState", "Succeeded")
    return shown


# Deletion


def begin_delete(arm: "Arm", group: Resource) -> str:
    """Begin to delete a group; gives the operation, the one under way when there is one already."""
    if group.properties["provisioningState"] == "Deleting":
        return str(group.hidden["operation"])
    operation = operations.begin(arm, group.id, action="Microsoft.Resources/subscriptions/resourceGroups/delete")
    group.properties["provisioningState"] = "Deleting"
    group.hidden["operation"] = operation
    plan_removal(arm, group, "group-step", arm.durations.group_delete, {"operation": operation})
    arm.store.put(group)
    return operation


@action("group-step", blocking=True)
def _step(arm: "Arm", target: str, data: dict[str, Any]) -> None:
    """Delete the clusters that can be deleted; when none is left, everything else."""
    with arm.store.transaction():
        group = arm.store.get(target)
        if group is None:
            return
        left = arm.store.below(target, CLUSTER_KIND)
        if arm.faults.for_resource("delete-fails", target):
            group.properties["provisioningState"] = "Succeeded"
            arm.store.put(group)
            text = "Deletion of one or more resources in the group failed. Please see details for more information."
            operations.finish(arm, data["operation"], ArmError(409, "ResourceGroupDeletionBlocked", text))
            return
        for cluster in left:
            if clusters.may_delete(cluster):
                clusters.begin_delete(arm, cluster)
        if left:
            arm.after(arm.durations.poll, "group-step", target, **data)
            return
    for account in arm.store.below(target, "Microsoft.Storage/storageAccounts"):
        arm.backends.stop_storage(account.name)
    with arm.store.transaction():
        arm.store.remove(target)
        operations.finish(arm, data["operation"])
