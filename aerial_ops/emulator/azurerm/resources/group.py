"""azurerm_resource_group."""

from aerial_ops.emulator.azurerm.checks import matching
from aerial_ops.emulator.azurerm.client import Azure
from aerial_ops.emulator.azurerm.refusals import RefusedError
from aerial_ops.emulator.azurerm.resource import Context, Resource, name_of
from aerial_ops.emulator.azurerm.values import State

_STILL_THERE = """the Resource Group still contains Resources.

Terraform is configured to check for Resources within the Resource Group when deleting the Resource Group - and
raise an error if nested Resources still exist to avoid unintentionally deleting these Resources.

Terraform has detected that the following Resources still exist within the Resource Group:

{listed}
"""
_LOOKS = 3


class ResourceGroup(Resource):
    """A resource group."""

    type_name = "azurerm_resource_group"
    title = "Resource Group"
    version = "2023-07-01"
    force_new = frozenset({"name", "location"})
    checks = {"name": matching(r"[-\w.()]{0,89}[-\w()]", "name may only contain letters, digits, and -_.()")}
    minutes = {"create": 90, "read": 5, "update": 90, "delete": 90}

    def resource_id(self, azure: Azure, plan: State) -> str:
        """/subscriptions/S/resourceGroups/NAME."""
        return azure.group_id(plan["name"])

    def create(self, ctx: Context, resource_id: str, plan: State) -> None:
        """PUT with location and tags."""
        body = {"location": plan["location"], "tags": plan["tags"] or {}}
        ctx.azure.call("PUT", resource_id, self.version, body, ok=(200, 201))

    def read(self, ctx: Context, state: State) -> State | None:
        """GET."""
        found = ctx.azure.get(state["id"], self.version)
        if found is None:
            return None
        return {
            "name": found["name"],
            "location": found["location"],
            "tags": found.get("tags"),
            "managed_by": found.get("managedBy"),
        }

    def delete(self, ctx: Context, state: State) -> None:
        """DELETE, unless something else is still in the group."""
        if ctx.features.prevent_group_deletion:
            self._must_be_empty(ctx, state["id"])
        super().delete(ctx, state)

    def _must_be_empty(self, ctx: Context, group: str) -> None:
        for look in range(_LOOKS):  # what was deleted a moment ago may still be listed
            listed = ctx.azure.get(f"{group}/resources", self.version, **{"$expand": "provisioningState", "$top": "10"})
            left = [f"* `{item['id']}`" for item in (listed or {}).get("value", [])]
            if not left:
                return
            if look < _LOOKS - 1:
                ctx.azure.pause()
        raise RefusedError(f'deleting Resource Group "{name_of(group)}": ' + _STILL_THERE.format(listed="\n".join(left)))
