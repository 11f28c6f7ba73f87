"""azurerm_automation_job_schedule: the link between a runbook and a schedule."""

import uuid

from aerial_ops.emulator.azurerm.checks import lower_case_keys
from aerial_ops.emulator.azurerm.client import Azure
from aerial_ops.emulator.azurerm.resource import Context, Resource, name_of
from aerial_ops.emulator.azurerm.resources.automation import VERSION, account_id, links, owner
from aerial_ops.emulator.azurerm.values import State


class JobSchedule(Resource):
    """A link. Its id in the state is the schedule's and the runbook's, because the service may renew the link's own."""

    type_name = "azurerm_automation_job_schedule"
    title = "Job Schedule"
    version = VERSION
    force_new = frozenset({"*"})
    checks = {"parameters": lower_case_keys}

    def resource_id(self, azure: Azure, plan: State) -> str:
        """SCHEDULE|RUNBOOK."""
        account = account_id(azure, plan)
        return f"{account}/schedules/{plan['schedule_name']}|{account}/runbooks/{plan['runbook_name']}"

    def must_be_new(self, ctx: Context, resource_id: str, plan: State) -> None:
        """The provider replaces a link that it finds, so that a runbook's renewed links do no harm."""
        for link in self._found(ctx, resource_id):
            ctx.azure.call("DELETE", link["id"], self.version, ok=(200,))

    def create(self, ctx: Context, resource_id: str, plan: State) -> None:
        """PUT under a fresh id; only 201 is taken."""
        given = plan["job_schedule_id"]
        link = given if isinstance(given, str) and given else str(uuid.uuid4())
        properties = {
            "schedule": {"name": plan["schedule_name"]},
            "runbook": {"name": plan["runbook_name"]},
            "parameters": plan["parameters"] or {},
            **({"runOn": plan["run_on"]} if plan["run_on"] else {}),
        }
        path = f"{account_id(ctx.azure, plan)}/jobSchedules/{link}"
        ctx.azure.call("PUT", path, self.version, {"properties": properties}, ok=(201,), operation="Create")

    def read(self, ctx: Context, state: State) -> State | None:
        """List by both names, then GET."""
        found = self._found(ctx, state["id"])
        if not found:
            return None
        link, properties = found[0], found[0]["properties"]
        return {
            **owner(state["id"].partition("|")[0]),
            "job_schedule_id": name_of(link["id"]),
            "resource_manager_id": link["id"],
            "schedule_name": properties["schedule"]["name"],
            "runbook_name": properties["runbook"]["name"],
            "parameters": {key.lower(): value for key, value in (properties.get("parameters") or {}).items()},
            "run_on": properties.get("runOn"),
        }

    def delete(self, ctx: Context, state: State) -> None:
        """List, then DELETE; only 200 is taken."""
        for link in self._found(ctx, state["id"]):
            ctx.azure.call("DELETE", link["id"], self.version, ok=(200,))

    @staticmethod
    def _found(ctx: Context, resource_id: str) -> list[State]:
        schedule, _, runbook = resource_id.partition("|")
        condition = f"properties/schedule/name eq '{name_of(schedule)}' and properties/runbook/name eq '{name_of(runbook)}'"
        return links(ctx, schedule.partition("/schedules/")[0], condition)
