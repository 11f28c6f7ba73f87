"""azurerm_automation_account and azurerm_automation_runbook."""

from typing import Any

from aerial_ops.emulator.azurerm.checks import matching, one_of
from aerial_ops.emulator.azurerm.client import Azure
from aerial_ops.emulator.azurerm.resource import Context, Resource, name_of, part
from aerial_ops.emulator.azurerm.values import State

VERSION = "2024-10-23"
_REGISTRATION = "2019-06-01"


def account_id(azure: Azure, plan: State) -> str:
    """The id of the Automation account that `plan` names."""
    group = azure.group_id(plan["resource_group_name"])
    return f"{group}/providers/Microsoft.Automation/automationAccounts/{plan['automation_account_name']}"


def owner(resource_id: str) -> State:
    """The arguments that name the account, from the id of something in it."""
    return {
        "resource_group_name": part(resource_id, "resourceGroups"),
        "automation_account_name": part(resource_id, "automationAccounts"),
    }


class AutomationAccount(Resource):
    """An Automation account with its own identity."""

    type_name = "azurerm_automation_account"
    title = "Automation Account"
    version = VERSION
    force_new = frozenset({"name", "resource_group_name", "location"})
    defaults = {"local_authentication_enabled": True, "public_network_access_enabled": True}
    checks = {
        "name": matching("[a-zA-Z][a-zA-Z0-9-]{4,48}[a-zA-Z0-9]", "name length should between 6 and 50, start with a letter"),
        "sku_name": one_of("Basic", "Free"),
        "identity.type": one_of("SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned"),
    }

    def resource_id(self, azure: Azure, plan: State) -> str:
        """GROUP/providers/Microsoft.Automation/automationAccounts/NAME."""
        return account_id(azure, {**plan, "automation_account_name": plan["name"]})

    def create(self, ctx: Context, resource_id: str, plan: State) -> None:
        """PUT."""
        identity = plan["identity"]
        body = {
            "location": plan["location"],
            "tags": plan["tags"] or {},
            "identity": {"type": identity[0]["type"] if identity else "None", "userAssignedIdentities": None},
            "properties": {
                "disableLocalAuth": plan["local_authentication_enabled"] is False,
                "encryption": {"keySource": "Microsoft.Automation"},
                "publicNetworkAccess": plan["public_network_access_enabled"] is not False,
                "sku": {"name": plan["sku_name"]},
            },
        }
        ctx.azure.call("PUT", resource_id, self.version, body, ok=(200, 201))

    def read(self, ctx: Context, state: State) -> State | None:
        """GET of the account and of its registration."""
        found = ctx.azure.get(state["id"], self.version)
        if found is None:
            return None
        registration = ctx.azure.get(f"{state['id']}/agentRegistrationInformation", _REGISTRATION) or {}
        keys = registration.get("keys") or {}
        properties, identity = found["properties"], found.get("identity") or {}
        held = {
            "type": identity.get("type"),
            "identity_ids": sorted(identity.get("userAssignedIdentities") or {}),
            "principal_id": identity.get("principalId", ""),
            "tenant_id": identity.get("tenantId", ""),
        }
        return {
            "name": found["name"],
            "resource_group_name": part(state["id"], "resourceGroups"),
            "location": found["location"],
            "tags": found.get("tags"),
            "sku_name": (properties.get("sku") or {}).get("name", ""),
            "identity": [held] if identity.get("type", "None") != "None" else [],
            "local_authentication_enabled": not properties.get("disableLocalAuth", False),
            "public_network_access_enabled": properties.get("publicNetworkAccess", True) is not False,
            "hybrid_service_url": properties.get("automationHybridServiceUrl") or "",
            "dsc_server_endpoint": registration.get("endpoint", ""),
            "dsc_primary_access_key": keys.get("primary", ""),
            "dsc_secondary_access_key": keys.get("secondary", ""),
        }

    def delete(self, ctx: Context, state: State) -> None:
        """DELETE; it is gone at once."""
        ctx.azure.call("DELETE", state["id"], self.version, ok=(200, 204))


class Runbook(Resource):
    """A runbook whose script is in the configuration."""

    type_name = "azurerm_automation_runbook"
    title = "Runbook"
    version = VERSION
    force_new = frozenset({"name", "resource_group_name", "automation_account_name", "location", "runbook_type"})
    defaults = {"log_activity_trace_level": 0}
    checks = {
        "name": matching("[a-zA-Z][a-zA-Z0-9_-]{0,62}", "the name can contain only letters, numbers, underscores and dashes"),
        "runbook_type": one_of(
            "Graph",
            "GraphPowerShell",
            "GraphPowerShellWorkflow",
            "PowerShell",
            "PowerShell72",
            "PowerShellWorkflow",
            "Python3",
            "Python2",
            "Script",
        ),
    }

    def resource_id(self, azure: Azure, plan: State) -> str:
        """ACCOUNT/runbooks/NAME."""
        return f"{account_id(azure, plan)}/runbooks/{plan['name']}"

    def create(self, ctx: Context, resource_id: str, plan: State) -> None:
        """PUT, then the script as a draft, then publish it. One whose script fails is not remembered."""
        properties: dict[str, Any] = {
            "description": plan["description"] or "",
            "draft": {},
            "logActivityTrace": int(plan["log_activity_trace_level"] or 0),
            "logProgress": plan["log_progress"],
            "logVerbose": plan["log_verbose"],
            "runbookType": plan["runbook_type"],
            "runtimeEnvironment": plan["runtime_environment_name"] or "",
        }
        body = {"location": plan["location"], "tags": plan["tags"] or {}, "properties": properties}
        azure = ctx.azure
        azure.call("PUT", resource_id, self.version, body, ok=(200, 201))
        if not isinstance(plan["content"], str) or not plan["content"]:
            return
        draft = azure.call(
            "PUT",
            f"{resource_id}/draft/content",
            self.version,
            plan["content"],
            ok=(202,),
            operation="ReplaceContent",
            content_type="text/plain",
        )
        azure.poll(draft, resource_id, self.version, "ReplaceContent", ctx.deadline)
        published = azure.call("POST", f"{resource_id}/publish", self.version, ok=(202,), operation="Publish")
        azure.poll(published, resource_id, self.version, "Publish", ctx.deadline)

    def read(self, ctx: Context, state: State) -> State | None:
        """GET of the runbook, its script and its links."""
        found = ctx.azure.get(state["id"], self.version)
        if found is None:
            return None
        properties, name = found["properties"], name_of(state["id"])
        account = state["id"].partition("/runbooks/")[0]
        return {
            **owner(state["id"]),
            "name": name,
            "location": found["location"],
            "tags": found.get("tags"),
            "runbook_type": properties["runbookType"],
            "log_activity_trace_level": properties.get("logActivityTrace") or 0,
            "log_progress": properties.get("logProgress"),
            "log_verbose": properties.get("logVerbose"),
            "description": properties.get("description"),
            "content": ctx.azure.get_text(f"{state['id']}/content", self.version),
            "job_schedule": [_link(link) for link in links(ctx, account, f"properties/runbook/name eq '{name}'")],
        }

    def delete(self, ctx: Context, state: State) -> None:
        """DELETE; it is gone at once."""
        ctx.azure.call("DELETE", state["id"], self.version, ok=(200, 204))


def links(ctx: Context, account: str, condition: str) -> list[dict[str, Any]]:
    """The job schedules of an account that meet an OData condition, each asked for by its id."""
    listed = ctx.azure.get(f"{account}/jobSchedules", VERSION, **{"$filter": condition}) or {}
    found = [ctx.azure.get(item["id"], VERSION) for item in listed.get("value", [])]
    return [link for link in found if link is not None]


def _link(link: dict[str, Any]) -> State:
    properties = link["properties"]
    return {
        "job_schedule_id": properties.get("jobScheduleId") or name_of(link["id"]),
        "schedule_name": properties["schedule"]["name"],
        "parameters": {key.lower(): value for key, value in (properties.get("parameters") or {}).items()},
        "run_on": properties.get("runOn") or "",
    }
