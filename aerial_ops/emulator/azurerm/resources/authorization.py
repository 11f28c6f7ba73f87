"""azurerm_role_assignment and azurerm_role_definition."""

import uuid
from typing import Any

from aerial_ops.emulator.azurerm.checks import same_text
from aerial_ops.emulator.azurerm.client import Azure
from aerial_ops.emulator.azurerm.refusals import HttpError, RefusedError
from aerial_ops.emulator.azurerm.resource import Context, Resource, name_of
from aerial_ops.emulator.azurerm.values import State

_ASSIGNMENTS = "2022-04-01"
_DEFINITIONS = "2022-05-01-preview"
_PROVIDER = "/providers/Microsoft.Authorization"


class RoleAssignment(Resource):
    """A role, given to somebody in a scope."""

    type_name = "azurerm_role_assignment"
    title = "Role Assignment"
    version = _ASSIGNMENTS
    force_new = frozenset({"*"})
    same = {"role_definition_id": same_text, "scope": same_text}

    def resource_id(self, azure: Azure, plan: State) -> str:
        """SCOPE/providers/Microsoft.Authorization/roleAssignments/UUID."""
        name = plan["name"] if isinstance(plan["name"], str) and plan["name"] else str(uuid.uuid4())
        return f"{plan['scope']}{_PROVIDER}/roleAssignments/{name}"

    def create(self, ctx: Context, resource_id: str, plan: State) -> None:
        """Look up the role by its name, PUT, and look until the assignment shows.

        A principal that was made a moment ago may be unknown yet.
        """
        role = plan["role_definition_id"] if isinstance(plan["role_definition_id"], str) else self._role(ctx, plan)
        properties: dict[str, Any] = {
            "roleDefinitionId": role,
            "principalId": plan["principal_id"],
            "description": plan["description"] or "",
        }
        if plan["skip_service_principal_aad_check"] is True:
            properties["principalType"] = "ServicePrincipal"
        while True:
            try:
                ctx.azure.call("PUT", resource_id, self.version, {"properties": properties}, ok=(200, 201), operation="Create")
                break
            except HttpError as error:
                if error.code != "PrincipalNotFound":
                    raise
                ctx.azure.pause(1.0)
        while ctx.azure.get(resource_id, self.version) is None:
            ctx.azure.pause(5.0)

    @staticmethod
    def _role(ctx: Context, plan: State) -> str:
        name = plan["role_definition_name"]
        path = f"{plan['scope']}{_PROVIDER}/roleDefinitions"
        found = ctx.azure.get(path, _DEFINITIONS, **{"$filter": f"roleName eq '{name}'"}) or {}
        if len(found.get("value", [])) != 1:
            raise RefusedError(f'loading Role Definition List: could not find role "{name}"')
        return str(found["value"][0]["id"])

    def read(self, ctx: Context, state: State) -> State | None:
        """GET of the assignment and of its role."""
        found = ctx.azure.get(state["id"], self.version)
        if found is None:
            return None
        properties = found["properties"]
        role = ctx.azure.get(properties["roleDefinitionId"], _DEFINITIONS) or {}
        return {
            "name": found["name"],
            "scope": properties.get("scope") or state["id"].partition(_PROVIDER)[0],
            "role_definition_id": properties["roleDefinitionId"],
            "role_definition_name": (role.get("properties") or {}).get("roleName", ""),
            "principal_id": properties["principalId"],
            "principal_type": properties.get("principalType", ""),
            "description": properties.get("description"),
            "condition": properties.get("condition"),
            "condition_version": properties.get("conditionVersion") or "",
            "skip_service_principal_aad_check": state.get("skip_service_principal_aad_check"),
        }

    def delete(self, ctx: Context, state: State) -> None:
        """DELETE; it is gone at once."""
        ctx.azure.call("DELETE", state["id"], self.version, ok=(200, 204))


class RoleDefinition(Resource):
    """A role of one's own. Its id in the state is Resource Manager's and the scope."""

    type_name = "azurerm_role_definition"
    title = "Role Definition"
    version = _DEFINITIONS
    force_new = frozenset({"scope", "role_definition_id"})

    def resource_id(self, azure: Azure, plan: State) -> str:
        """SCOPE/providers/Microsoft.Authorization/roleDefinitions/UUID|SCOPE."""
        given = plan["role_definition_id"]
        name = given if isinstance(given, str) and given else str(uuid.uuid4())
        return f"{plan['scope']}{_PROVIDER}/roleDefinitions/{name}|{plan['scope']}"

    def must_be_new(self, ctx: Context, resource_id: str, plan: State) -> None:
        """Only a uuid that was asked for can be taken; the service refuses a name that is."""
        super().must_be_new(ctx, resource_id.partition("|")[0], plan)

    def create(self, ctx: Context, resource_id: str, plan: State) -> None:
        """PUT."""
        scopes = plan["assignable_scopes"]
        permissions = [
            {
                "actions": block["actions"] or [],
                "dataActions": block["data_actions"] or [],
                "notActions": block["not_actions"] or [],
                "notDataActions": block["not_data_actions"] or [],
            }
            for block in plan["permissions"]
        ]
        properties = {
            "roleName": plan["name"],
            "description": plan["description"] or "",
            "type": "CustomRole",
            "permissions": permissions,
            "assignableScopes": scopes if isinstance(scopes, list) and scopes else [plan["scope"]],
        }
        ctx.azure.call("PUT", resource_id.partition("|")[0], self.version, {"properties": properties}, ok=(200, 201))

    def read(self, ctx: Context, state: State) -> State | None:
        """GET."""
        path, _, scope = state["id"].partition("|")
        found = ctx.azure.get(path, self.version)
        if found is None:
            return None
        properties = found["properties"]
        return {
            "name": properties["roleName"],
            "scope": scope,
            "description": properties.get("description"),
            "role_definition_id": name_of(path),
            "role_definition_resource_id": found["id"],
            "assignable_scopes": properties.get("assignableScopes") or [],
            "permissions": [
                {
                    "actions": granted.get("actions") or [],
                    "data_actions": granted.get("dataActions") or [],
                    "not_actions": granted.get("notActions") or [],
                    "not_data_actions": granted.get("notDataActions") or [],
                }
                for granted in properties.get("permissions") or []
            ],
        }

    def delete(self, ctx: Context, state: State) -> None:
        """DELETE; it is gone at once."""
        ctx.azure.call("DELETE", state["id"].partition("|")[0], self.version, ok=(200, 204))
