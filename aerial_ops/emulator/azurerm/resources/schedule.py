"""azurerm_automation_schedule."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aerial_ops.emulator.azurerm.checks import moment, one_of, same_minute, same_text
from aerial_ops.emulator.azurerm.client import Azure
from aerial_ops.emulator.azurerm.refusals import RefusedError
from aerial_ops.emulator.azurerm.resource import Context, Resource, name_of
from aerial_ops.emulator.azurerm.resources.automation import VERSION, account_id, owner
from aerial_ops.emulator.azurerm.values import State

_LEAD = timedelta(minutes=5)


class Schedule(Resource):
    """A schedule."""

    type_name = "azurerm_automation_schedule"
    title = "Schedule"
    version = VERSION
    force_new = frozenset({"name", "resource_group_name", "automation_account_name"})
    defaults = {"timezone": "Etc/UTC"}
    checks = {
        "frequency": one_of("Day", "Hour", "Month", "OneTime", "Week"),
        "start_time": moment,
        "expiry_time": moment,
    }
    same = {"start_time": same_minute, "expiry_time": same_minute, "timezone": same_text}

    def resource_id(self, azure: Azure, plan: State) -> str:
        """ACCOUNT/schedules/NAME."""
        return f"{account_id(azure, plan)}/schedules/{plan['name']}"

    def create(self, ctx: Context, resource_id: str, plan: State) -> None:
        """PUT. The provider's own clock decides whether the start is far enough ahead."""
        self._put(ctx, resource_id, plan, check_lead=True)

    def update(self, ctx: Context, prior: State, plan: State) -> None:
        """The same PUT; an unchanged start is not checked, and the stored expiry is repeated."""
        self._put(ctx, prior["id"], plan, check_lead=prior["start_time"] != plan["start_time"])

    def _put(self, ctx: Context, resource_id: str, plan: State, *, check_lead: bool) -> None:
        zone = ZoneInfo(plan["timezone"] or "Etc/UTC")
        start = plan["start_time"]
        begins = datetime.fromisoformat(start) if isinstance(start, str) else datetime.now(UTC) + _LEAD + timedelta(minutes=1)
        if check_lead and begins < datetime.now(UTC) + _LEAD:
            raise RefusedError(f'start_time is "{start}" and should be at least "5m0s" in the future')
        properties: dict[str, Any] = {
            "description": plan["description"] or "",
            "frequency": plan["frequency"],
            "startTime": begins.astimezone(zone).isoformat(),
            "timeZone": plan["timezone"] or "Etc/UTC",
        }
        if isinstance(plan["expiry_time"], str) and plan["expiry_time"]:
            properties["expiryTime"] = datetime.fromisoformat(plan["expiry_time"]).astimezone(zone).isoformat()
        if plan["frequency"] != "OneTime":
            properties["interval"] = plan["interval"] or 1
        ctx.azure.call("PUT", resource_id, self.version, {"name": name_of(resource_id), "properties": properties}, ok=(200, 201))

    def read(self, ctx: Context, state: State) -> State | None:
        """GET."""
        found = ctx.azure.get(state["id"], self.version)
        if found is None:
            return None
        properties = found["properties"]
        return {
            **owner(state["id"]),
            "name": name_of(state["id"]),
            "frequency": properties["frequency"],
            "interval": properties.get("interval") or 0,
            "description": properties.get("description"),
            "timezone": properties.get("timeZone"),
            "start_time": properties["startTime"],
            "expiry_time": properties.get("expiryTime") or "",
        }

    def delete(self, ctx: Context, state: State) -> None:
        """DELETE; only 200 is taken."""
        ctx.azure.call("DELETE", state["id"], self.version, ok=(200,))
