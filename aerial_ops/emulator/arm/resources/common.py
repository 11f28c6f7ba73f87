"""What the resource providers share: ids, parents, merging, pages, and plain resources that are kept as they are sent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from aerial_ops.emulator.arm.errors import (
    ArmError,
    bad_request,
    group_deleting,
    group_not_found,
    parent_not_found,
    resource_not_found,
)
from aerial_ops.emulator.arm.messages import Answer, Call, Router
from aerial_ops.emulator.arm.store import Resource

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm

SUBSCRIPTION = "/subscriptions/{subscription}"
GROUP = SUBSCRIPTION + "/resourceGroups/{group}"
GROUP_KIND = "Microsoft.Resources/resourceGroups"


def group_path(call: Call) -> str:
    """The id of the resource group that a request is about."""
    return f"/subscriptions/{call['subscription']}/resourceGroups/{call['group']}"


def need_group(arm: "Arm", call: Call, *, writable: bool = False) -> Resource:
    """The request's resource group. Raises ArmError 404, or 409 when something is to be written into one being deleted."""
    group = arm.store.get(group_path(call))
    if group is None:
        raise group_not_found(call["group"])
    if writable and group.properties.get("provisioningState") == "Deleting":
        raise group_deleting(call["group"])
    return group


def need(arm: "Arm", call: Call, id: str, kind: str) -> Resource:
    """The resource `id`. Raises ArmError 404 for it or for its group."""
    found = arm.store.get(id)
    if found is None:
        if "group" in call.params:
            need_group(arm, call)
        raise resource_not_found(kind, id.rsplit("/", 1)[-1], call.params.get("group", ""))
    return found


def merge(into: dict[str, Any], changes: dict[str, Any]) -> None:
    """Lay `changes` over `into`, object by object; null takes a value away."""
    for name, value in changes.items():
        kept = into.get(name)
        if isinstance(value, dict) and isinstance(kept, dict):
            merge(kept, value)
        elif value is None:
            into.pop(name, None)
        else:
            into[name] = value


def location_of(arm: "Arm", body: dict[str, Any]) -> str:
    """The region of a request in its short form: "East US" is eastus. Raises ArmError 400."""
    location = str(body.get("location") or "").replace(" ", "").lower()
    if not location:
        raise bad_request("The 'location' property is required for this resource definition.", "LocationRequired")
    if location not in (*arm.regions, "global"):
        known = ",".join(sorted(arm.regions))
        message = (
            f"The provided location '{location}' is not available for resource type. List of available regions is '{known}'."
        )
        raise bad_request(message, "LocationNotAvailableForResourceType")
    return location


def page(arm: "Arm", call: Call, items: Sequence[dict[str, Any]]) -> Answer:
    """A page of a list, with a nextLink while there is more. Raises ArmError 400 for a $top or $skiptoken that is none."""
    try:
        start, size = int(call.query.get("$skiptoken", 0)), int(call.query.get("$top", arm.options.page_size))
    except ValueError:
        raise bad_request("The '$top' or '$skiptoken' of the request is not valid.", "InvalidQueryParameterValue") from None
    body: dict[str, Any] = {"value": list(items[start : start + size])}
    if start + size < len(items):
        query = {**{name: value for name, value in call.query.items() if name != "$skiptoken"}, "$skiptoken": start + size}
        body["nextLink"] = f"{call.base}{call.path}?{urlencode(query)}"
    return Answer(200, body)


@dataclass(frozen=True)
class Plain:
    """A kind of resource that is kept as it is sent.

    `path` is its route; `parent` the route of what it must lie in (its group by default, None for nothing); `prepare` fills in
    what the service adds, given the old resource or None; `lists` are routes that list it; `missing` is the code of its 404.
    """

    kind: str
    path: str
    parent: str | None = GROUP
    lists: Sequence[str] = ()
    missing: str = "ResourceNotFound"
    created: int = 201
    prepare: Callable[["Arm", Call, Resource, Resource | None], None] | None = None
    removed: Callable[["Arm", Resource], None] | None = None


def put_plain(arm: "Arm", call: Call, plain: Plain) -> Answer:
    """Create or replace."""
    need_parent(arm, call, plain)
    body, old = call.json(), arm.store.get(call.path)
    kept: dict[str, Any] = {"id": old.id if old else call.path, "name": call.path.rsplit("/", 1)[-1], "type": plain.kind}
    if "location" in body:
        kept["location"] = location_of(arm, body)
    kept |= {name: body[name] for name in ("kind", "sku") if body.get(name)}
    if "location" in body or "tags" in body:
        kept["tags"] = body.get("tags") or {}
    kept["properties"] = {name: value for name, value in call.properties().items() if value is not None}
    resource = Resource(plain.kind, kept, old.hidden if old else {})
    if plain.prepare:
        plain.prepare(arm, call, resource, old)
    arm.store.put(resource)
    return Answer(200 if old else plain.created, resource.body)


def need_parent(arm: "Arm", call: Call, plain: Plain) -> None:
    """Raises ArmError 404 or 409 unless the resource may be written where it is to lie."""
    if "group" in call.params:
        need_group(arm, call, writable=True)
    if plain.parent and plain.parent != GROUP:
        id = plain.parent.format_map(call.params)
        if arm.store.get(id) is None:
            raise parent_not_found(id.rsplit("/", 1)[-1])


def add_plain(routes: Router, plain: Plain) -> None:
    """Register the routes of a plain kind: PUT, GET, PATCH, DELETE and its lists."""

    def missing(arm: "Arm", call: Call) -> ArmError:
        if "group" in call.params:
            need_group(arm, call)
        if plain.missing == "ResourceNotFound":
            return resource_not_found(plain.kind, call.path.rsplit("/", 1)[-1], call.params.get("group", ""))
        return ArmError(404, plain.missing, f"The {plain.kind} '{call.path.rsplit('/', 1)[-1]}' was not found.")

    @routes.on("PUT", plain.path)
    def put(arm: "Arm", call: Call) -> Answer:
        return put_plain(arm, call, plain)

    @routes.on("GET", plain.path)
    def get(arm: "Arm", call: Call) -> Answer:
        found = arm.store.get(call.path)
        if found is None:
            raise missing(arm, call)
        return Answer(200, found.body)

    @routes.on("PATCH", plain.path)
    def patch(arm: "Arm", call: Call) -> Answer:
        found = arm.store.get(call.path)
        if found is None:
            raise missing(arm, call)
        changes = call.json()
        if "tags" in changes:
            found.body["tags"] = changes.pop("tags") or {}
        merge(found.body, changes)
        return Answer(200, arm.store.put(found).body)

    @routes.on("DELETE", plain.path)
    def delete(arm: "Arm", call: Call) -> Answer:
        found = arm.store.get(call.path)
        if found is None:
            return Answer(204)
        if plain.removed:
            plain.removed(arm, found)
        arm.store.remove(found.id)
        return Answer(200)

    for path in plain.lists:

        @routes.on("GET", path)
        def list_all(arm: "Arm", call: Call) -> Answer:
            if "group" in call.params:
                need_group(arm, call)
            above = call.path.lower().rsplit("/providers/", 1)[0] if plain.parent in (GROUP, None) else call.path
            return page(arm, call, [found.body for found in arm.store.below(above, plain.kind)])
