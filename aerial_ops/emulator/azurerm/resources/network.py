"""azurerm_network_security_group, azurerm_network_security_rule and the association of a group with a subnet."""

from typing import Any

from aerial_ops.emulator.azurerm.checks import between, one_of
from aerial_ops.emulator.azurerm.client import Azure
from aerial_ops.emulator.azurerm.refusals import RefusedError, already_exists
from aerial_ops.emulator.azurerm.resource import Context, Resource, name_of, part
from aerial_ops.emulator.azurerm.values import State

VERSION = "2025-01-01"
_RULE = {
    "access": "access",
    "description": "description",
    "destination_address_prefix": "destinationAddressPrefix",
    "destination_address_prefixes": "destinationAddressPrefixes",
    "destination_port_range": "destinationPortRange",
    "destination_port_ranges": "destinationPortRanges",
    "direction": "direction",
    "priority": "priority",
    "protocol": "protocol",
    "source_address_prefix": "sourceAddressPrefix",
    "source_address_prefixes": "sourceAddressPrefixes",
    "source_port_range": "sourcePortRange",
    "source_port_ranges": "sourcePortRanges",
}


def _group_id(azure: Azure, group: str, name: str) -> str:
    return f"{azure.group_id(group)}/providers/Microsoft.Network/networkSecurityGroups/{name}"


class SecurityGroup(Resource):
    """A network security group; its rules are resources of their own."""

    type_name = "azurerm_network_security_group"
    title = "Network Security Group"
    version = VERSION
    force_new = frozenset({"name", "resource_group_name", "location"})

    def resource_id(self, azure: Azure, plan: State) -> str:
        """GROUP/providers/Microsoft.Network/networkSecurityGroups/NAME."""
        return _group_id(azure, plan["resource_group_name"], plan["name"])

    def create(self, ctx: Context, resource_id: str, plan: State) -> None:
        """PUT, keeping the rules that are there."""
        existing = ctx.azure.get(resource_id, self.version) or {}
        rules = (existing.get("properties") or {}).get("securityRules") or []
        body = {
            "location": plan["location"],
            "name": name_of(resource_id),
            "tags": plan["tags"] or {},
            "properties": {"securityRules": rules},
        }
        response = ctx.azure.call("PUT", resource_id, self.version, body, ok=(200, 201))
        ctx.settle(response, resource_id, self.version, "CreateOrUpdate")

    def read(self, ctx: Context, state: State) -> State | None:
        """GET. Rules are not copied: those who made them look after them."""
        found = ctx.azure.get(state["id"], self.version)
        if found is None:
            return None
        return {
            "name": found["name"],
            "resource_group_name": part(state["id"], "resourceGroups"),
            "location": found["location"],
            "tags": found.get("tags"),
            "security_rule": state.get("security_rule") or [],
        }


class SecurityRule(Resource):
    """A rule of a network security group."""

    type_name = "azurerm_network_security_rule"
    title = "Security Rule"
    version = VERSION
    force_new = frozenset({"name", "resource_group_name", "network_security_group_name"})
    checks = {
        "access": one_of("Allow", "Deny"),
        "direction": one_of("Inbound", "Outbound"),
        "priority": between(100, 4096),
        "protocol": one_of("*", "Tcp", "Udp", "Icmp", "Ah", "Esp"),
    }

    def resource_id(self, azure: Azure, plan: State) -> str:
        """SECURITY GROUP/securityRules/NAME."""
        return (
            f"{_group_id(azure, plan['resource_group_name'], plan['network_security_group_name'])}/securityRules/{plan['name']}"
        )

    def create(self, ctx: Context, resource_id: str, plan: State) -> None:
        """PUT."""
        properties = {theirs: plan[ours] for ours, theirs in _RULE.items() if plan[ours]}
        response = ctx.azure.call(
            "PUT", resource_id, self.version, {"name": name_of(resource_id), "properties": properties}, ok=(200, 201)
        )
        ctx.settle(response, resource_id, self.version, "CreateOrUpdate")

    def read(self, ctx: Context, state: State) -> State | None:
        """GET."""
        found = ctx.azure.get(state["id"], self.version)
        if found is None:
            return None
        return {
            "name": found["name"],
            "resource_group_name": part(state["id"], "resourceGroups"),
            "network_security_group_name": part(state["id"], "networkSecurityGroups"),
            **{ours: found["properties"].get(theirs) for ours, theirs in _RULE.items()},
        }


class SubnetAssociation(Resource):
    """A network security group in front of a subnet."""

    type_name = "azurerm_subnet_network_security_group_association"
    title = "Subnet"
    version = VERSION
    force_new = frozenset({"*"})

    def resource_id(self, azure: Azure, plan: State) -> str:
        """The subnet's id."""
        return str(plan["subnet_id"])

    def must_be_new(self, ctx: Context, resource_id: str, plan: State) -> None:
        """RefusedError when the subnet is not there, or has a group already."""
        subnet = ctx.azure.get(resource_id, self.version)
        if subnet is None:
            raise RefusedError(f'Subnet "{name_of(resource_id)}" was not found')
        if subnet["properties"].get("networkSecurityGroup"):
            raise already_exists(resource_id, self.type_name)

    def create(self, ctx: Context, resource_id: str, plan: State) -> None:
        """PUT of the whole subnet, with the group."""
        self._put(ctx, resource_id, {"id": plan["network_security_group_id"]})

    def read(self, ctx: Context, state: State) -> State | None:
        """GET of the subnet."""
        subnet = ctx.azure.get(state["id"], self.version)
        group = ((subnet or {}).get("properties") or {}).get("networkSecurityGroup")
        return {"subnet_id": state["id"], "network_security_group_id": group["id"]} if group else None

    def delete(self, ctx: Context, state: State) -> None:
        """PUT of the whole subnet, without the group."""
        self._put(ctx, state["id"], None)

    def _put(self, ctx: Context, subnet_id: str, group: dict[str, Any] | None) -> None:
        subnet = ctx.azure.get(subnet_id, self.version)
        if subnet is None:
            return
        subnet["properties"].pop("networkSecurityGroup", None)
        if group:
            subnet["properties"]["networkSecurityGroup"] = group
        response = ctx.azure.call("PUT", subnet_id, self.version, subnet, ok=(200, 201))
        ctx.azure.poll(response, subnet_id, self.version, "CreateOrUpdate", ctx.deadline)
