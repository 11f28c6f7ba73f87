"""Role definitions and role assignments, at every scope."""

from typing import TYPE_CHECKING, Any

from aerial_ops.emulator.arm.errors import ArmError, bad_request, not_found
from aerial_ops.emulator.arm.messages import Answer, Call, Router
from aerial_ops.emulator.arm.odata import parse_filter
from aerial_ops.emulator.arm.resources.common import page
from aerial_ops.emulator.arm.roles import ASSIGNMENT, BUILT_IN, DEFINITION
from aerial_ops.emulator.arm.store import Resource

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm

SCOPE = "{scope:path}/providers/Microsoft.Authorization"
routes = Router()


@routes.on("GET", SCOPE + "/roleDefinitions")
def list_definitions(arm: "Arm", call: Call) -> Answer:
    """Built-in and custom roles; $filter=roleName eq 'Contributor'."""
    test = parse_filter(call.query["$filter"], ignore_case=True) if call.query.get("$filter") else None
    known = _definitions(arm, call)
    fits = [role for role in known if test is None or test({"roleName": role["properties"]["roleName"], **role["properties"]})]
    return Answer(200, {"value": fits})


@routes.on("GET", SCOPE + "/roleDefinitions/{role}")
def get_definition(arm: "Arm", call: Call) -> Answer:
    """One role."""
    for role in _definitions(arm, call):
        if role["name"].lower() == call["role"].lower():
            return Answer(200, role)
    raise not_found(f"The specified role definition with ID '{call['role']}' does not exist.", "RoleDefinitionDoesNotExist")


@routes.on("PUT", SCOPE + "/roleDefinitions/{role}")
def put_definition(arm: "Arm", call: Call) -> Answer:
    """Create or change a custom role."""
    given = call.properties()
    name, scopes = given.get("roleName"), given.get("assignableScopes") or []
    if not name or not scopes:
        raise bad_request("A role definition must have a roleName and assignableScopes.", "InvalidRoleDefinition")
    taken = [role for role in _definitions(arm, call) if role["properties"]["roleName"] == name and role["name"] != call["role"]]
    if taken:
        text = f"A custom role with the same name already exists in this directory: '{name}'."
        raise ArmError(409, "RoleDefinitionWithSameNameExists", text)
    id = f"/{'/'.join(call['scope'].strip('/').split('/')[:2])}/providers/{DEFINITION}/{call['role']}"
    properties = {**given, "type": "CustomRole", "createdOn": arm.clock.text(), "updatedOn": arm.clock.text()}
    body = {"id": id, "name": call["role"], "type": DEFINITION, "properties": properties}
    return Answer(201, arm.store.put(Resource(DEFINITION, body)).body)


@routes.on("DELETE", SCOPE + "/roleDefinitions/{role}")
def delete_definition(arm: "Arm", call: Call) -> Answer:
    """Remove a custom role that nobody has."""
    found = next((role for role in arm.store.below("/subscriptions", DEFINITION) if role.name == call["role"]), None)
    if found is None:
        return Answer(204)
    for assignment in arm.store.below("/subscriptions", ASSIGNMENT):
        if assignment.properties["roleDefinitionId"].endswith(found.name):
            raise ArmError(400, "RoleDefinitionHasAssignments", "There are existing role assignments referencing role.")
    arm.store.remove(found.id)
    return Answer(200, found.body)


@routes.on("PUT", SCOPE + "/roleAssignments/{assignment}")
def put_assignment(arm: "Arm", call: Call) -> Answer:
    """Give a role to a principal."""
    given, scope = call.properties(), call["scope"]
    principal, definition = str(given.get("principalId") or ""), str(given.get("roleDefinitionId") or "")
    if "/resourcegroups/" in scope.lower() and not arm.store.get(scope):
        raise not_found(f"The scope '{scope}' was not found.", "ResourceNotFound")
    guid = definition.rsplit("/", 1)[-1].lower()
    if guid not in [role["name"].lower() for role in _definitions(arm, call)]:
        raise ArmError(400, "RoleDefinitionDoesNotExist", f"The specified role definition with ID '{guid}' does not exist.")
    for other in arm.store.below("/subscriptions", ASSIGNMENT):
        have = other.properties
        same = (have["scope"].lower(), have["principalId"], have["roleDefinitionId"].rsplit("/", 1)[-1].lower())
        if same == (scope.lower(), principal, guid) and other.key != call.path.lower():
            raise ArmError(409, "RoleAssignmentExists", "The role assignment already exists.")
    properties = {
        **{name: value for name, value in given.items() if value is not None},
        "principalType": given.get("principalType") or "ServicePrincipal",
        "scope": scope,
        "createdOn": arm.clock.text(),
        "updatedOn": arm.clock.text(),
    }
    old = arm.store.get(call.path)
    body = {"id": call.path, "name": call["assignment"], "type": ASSIGNMENT, "properties": properties}
    return Answer(200 if old else 201, arm.store.put(Resource(ASSIGNMENT, body)).body)


@routes.on("GET", SCOPE + "/roleAssignments/{assignment}")
def get_assignment(arm: "Arm", call: Call) -> Answer:
    """One assignment."""
    found = arm.store.get(call.path)
    if found is None:
        raise not_found(f"The role assignment '{call['assignment']}' is not found.", "RoleAssignmentNotFound")
    return Answer(200, found.body)


@routes.on("DELETE", SCOPE + "/roleAssignments/{assignment}")
def delete_assignment(arm: "Arm", call: Call) -> Answer:
    """Take a role away."""
    gone = arm.store.remove(call.path)
    return Answer(200, gone[0].body) if gone else Answer(204)


@routes.on("GET", SCOPE + "/roleAssignments")
def list_assignments(arm: "Arm", call: Call) -> Answer:
    """The assignments at a scope and below it, and those above it; $filter=principalId eq '...' or atScope()."""
    text, scope = call.query.get("$filter", ""), call["scope"].lower()
    found = []
    for assignment in arm.store.below("/subscriptions", ASSIGNMENT):
        at = assignment.properties["scope"].lower()
        above = scope == at or scope.startswith(at + "/")
        if above or (at.startswith(scope + "/") and "atscope()" not in text.lower()):
            found.append(assignment.body)
    if text and "atscope()" not in text.lower():
        test = parse_filter(
            text.replace("assignedTo(", "principalId eq ").rstrip(")") if "assignedTo(" in text else text, ignore_case=True
        )
        found = [body for body in found if test(body["properties"])]
    return page(arm, call, found)


def _definitions(arm: "Arm", call: Call) -> list[dict[str, Any]]:
    parts = call["scope"].strip("/").split("/")
    subscription = parts[1] if len(parts) > 1 else arm.identity.subscriptions[0]
    custom = [role.body for role in arm.store.below(f"/subscriptions/{subscription}", DEFINITION)]
    return [role.body(subscription) for role in BUILT_IN] + custom
