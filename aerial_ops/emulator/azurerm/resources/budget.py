"""azurerm_consumption_budget_resource_group."""

from typing import Any

from aerial_ops.emulator.azurerm.checks import between, first_of_month, one_of
from aerial_ops.emulator.azurerm.client import Azure
from aerial_ops.emulator.azurerm.resource import Context, Resource, name_of
from aerial_ops.emulator.azurerm.values import State
from aerial_ops.emulator.azurerm.wire import exact


class Budget(Resource):
    """A budget of a resource group."""

    type_name = "azurerm_consumption_budget_resource_group"
    title = "Budget"
    version = "2019-10-01"
    force_new = frozenset({"name", "resource_group_id", "time_grain", "time_period.start_date"})
    defaults = {"time_grain": "Monthly", "notification.enabled": True, "notification.threshold_type": "Actual"}
    checks = {
        "time_grain": one_of("BillingAnnual", "BillingMonth", "BillingQuarter", "Annually", "Monthly", "Quarterly"),
        "time_period.start_date": first_of_month,
        "notification.threshold": between(0, 1000),
        "notification.threshold_type": one_of("Actual", "Forecasted"),
        "notification.operator": one_of("EqualTo", "GreaterThan", "GreaterThanOrEqualTo"),
    }

    def resource_id(self, azure: Azure, plan: State) -> str:
        """GROUP/providers/Microsoft.Consumption/budgets/NAME."""
        return f"{plan['resource_group_id']}/providers/Microsoft.Consumption/budgets/{plan['name']}"

    def create(self, ctx: Context, resource_id: str, plan: State) -> None:
        """PUT."""
        period = plan["time_period"][0]
        end = period["end_date"]
        time_period = {"startDate": period["start_date"], **({"endDate": end} if isinstance(end, str) and end else {})}
        body = {
            "name": name_of(resource_id),
            "properties": {
                "amount": float(plan["amount"]),
                "category": "Cost",
                "timeGrain": plan["time_grain"] or "Monthly",
                "timePeriod": time_period,
                "notifications": dict(map(_notification, plan["notification"])),
            },
        }
        ctx.azure.call("PUT", resource_id, self.version, body, ok=(200, 201))

    def read(self, ctx: Context, state: State) -> State | None:
        """GET."""
        found = ctx.azure.get(state["id"], self.version)
        if found is None:
            return None
        properties = found["properties"]
        period = properties["timePeriod"]
        return {
            "name": found["name"],
            "resource_group_id": state["id"].partition("/providers/")[0],
            "amount": exact(properties["amount"]),
            "time_grain": properties["timeGrain"],
            "etag": found.get("eTag", ""),
            "time_period": [{"start_date": period["startDate"], "end_date": period.get("endDate", "")}],
            "notification": [
                {
                    "enabled": sent["enabled"],
                    "operator": sent["operator"],
                    "threshold": int(sent["threshold"]),
                    "threshold_type": sent.get("thresholdType", "Actual"),
                    "contact_emails": sent.get("contactEmails") or [],
                    "contact_groups": sent.get("contactGroups") or [],
                    "contact_roles": sent.get("contactRoles") or [],
                }
                for sent in properties["notifications"].values()
            ],
        }

    def delete(self, ctx: Context, state: State) -> None:
        """DELETE; it is gone at once."""
        ctx.azure.call("DELETE", state["id"], self.version, ok=(200, 204))


def _notification(block: State) -> tuple[str, dict[str, Any]]:
    kind = block["threshold_type"] or "Actual"
    body = {
        "enabled": block["enabled"] is not False,
        "operator": block["operator"],
        "threshold": block["threshold"],
        "thresholdType": kind,
        "contactEmails": block["contact_emails"] or [],
        "contactGroups": block["contact_groups"] or [],
        "contactRoles": block["contact_roles"] or [],
    }
    return f"{kind}_{block['operator']}_{block['threshold']:.6f}_Percent", body
