"""Resources that are kept as they are sent: budgets, locks, user-assigned identities, action groups."""

import uuid
from typing import TYPE_CHECKING

from aerial_ops.emulator.arm.errors import ArmError, bad_request
from aerial_ops.emulator.arm.messages import Call, Router
from aerial_ops.emulator.arm.resources.common import GROUP, SUBSCRIPTION, Plain, add_plain
from aerial_ops.emulator.arm.store import Resource

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm

LOCK = "Microsoft.Authorization/locks"
routes = Router()


def _budget(arm: "Arm", call: Call, budget: Resource, old: Resource | None) -> None:
    given = budget.properties
    if not isinstance(given.get("amount"), int | float) or given["amount"] <= 0:
        raise bad_request("The amount of a budget must be greater than 0.", "BudgetAmountInvalid")
    start = str((given.get("timePeriod") or {}).get("startDate") or "")
    if start[8:10] != "01":
        raise bad_request(f"The start date '{start}' of a budget must be the first day of a month.", "BudgetStartDateInvalid")
    given["timePeriod"].setdefault("endDate", f"{int(start[:4]) + 10}{start[4:]}")
    spent = sum(bill.cost for bill in arm.meter.bills() if bill.id.lower().startswith(_scope(budget)))
    given["currentSpend"] = {"amount": round(spent, 2), "unit": "USD"}
    budget.body["eTag"] = f'"{uuid.uuid4().hex[:15]}"'


def _scope(resource: Resource) -> str:
    return resource.key.rsplit("/providers/", 1)[0] + "/"


def _identity(arm: "Arm", call: Call, identity: Resource, old: Resource | None) -> None:
    principal, client = uuid.uuid5(uuid.NAMESPACE_URL, identity.key), uuid.uuid5(uuid.NAMESPACE_OID, identity.key)
    identity.properties.update(tenantId=arm.identity.tenant, principalId=str(principal), clientId=str(client))


def _lock(arm: "Arm", call: Call, lock: Resource, old: Resource | None) -> None:
    if lock.properties.get("level") not in ("CanNotDelete", "ReadOnly"):
        raise bad_request("The level of a lock must be CanNotDelete or ReadOnly.", "InvalidLockLevel")


def check_locks(arm: "Arm", method: str, id: str) -> None:
    """Raises ArmError 409 when a lock forbids to delete (or, ReadOnly, to change) the resource or something in it."""
    path = id.lower()
    if method not in ("PUT", "PATCH", "DELETE") or "/microsoft.authorization/locks/" in path:
        return
    for lock in arm.store.below("/subscriptions", LOCK):
        scope = lock.key.rsplit("/providers/", 1)[0]
        over, inside = path == scope or path.startswith(scope + "/"), scope.startswith(path + "/")
        if (method == "DELETE" and (over or inside)) or (over and lock.properties["level"] == "ReadOnly"):
            verb = "delete" if method == "DELETE" else "write"
            raise ArmError(
                409,
                "ScopeLocked",
                f"The scope '{id}' cannot perform {verb} operation because following scope(s) are locked: '{scope}'. "
                "Please remove the lock and try again.",
            )


for scope in (GROUP, SUBSCRIPTION, GROUP + "/providers/{namespace}/{types}/{resource}"):
    lists = [f"{scope}/providers/Microsoft.Authorization/locks"]
    path = lists[0] + "/{lock}"
    add_plain(routes, Plain(LOCK, path, parent=None, lists=lists, missing="LockNotFound", prepare=_lock))
for scope in (GROUP, SUBSCRIPTION):
    budgets = f"{scope}/providers/Microsoft.Consumption/budgets"
    parent = GROUP if scope == GROUP else None
    kind = "Microsoft.Consumption/budgets"
    add_plain(routes, Plain(kind, budgets + "/{budget}", parent=parent, lists=[budgets], missing="NotFound", prepare=_budget))
for namespace, kind, added in (
    ("Microsoft.ManagedIdentity", "userAssignedIdentities", _identity),
    ("Microsoft.Insights", "actionGroups", None),
):
    below = f"/providers/{namespace}/{kind}"
    both = [GROUP + below, SUBSCRIPTION + below]
    add_plain(routes, Plain(f"{namespace}/{kind}", GROUP + below + "/{name}", lists=both, prepare=added))
