"""Storage accounts: each gets a blob service of its own, with its name and keys."""

import base64
import re
import secrets
from typing import TYPE_CHECKING, Any

from aerial_ops.emulator.arm import operations
from aerial_ops.emulator.arm.backends import BackendError
from aerial_ops.emulator.arm.errors import ArmError, bad_request
from aerial_ops.emulator.arm.messages import Answer, Call, Router
from aerial_ops.emulator.arm.recovery import resuming
from aerial_ops.emulator.arm.resources.common import (
    GROUP,
    SUBSCRIPTION,
    location_of,
    merge,
    need,
    need_group,
    page,
)
from aerial_ops.emulator.arm.store import Resource
from aerial_ops.emulator.arm.worker import action

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm

KIND = "Microsoft.Storage/storageAccounts"
ACCOUNTS = "/providers/Microsoft.Storage/storageAccounts"
ACCOUNT = GROUP + ACCOUNTS + "/{account}"
SKUS = (
    "Standard_LRS",
    "Standard_GRS",
    "Standard_RAGRS",
    "Standard_ZRS",
    "Premium_LRS",
    "Premium_ZRS",
    "Standard_GZRS",
    "Standard_RAGZRS",
)
SERVICES = ("blob", "dfs", "file", "queue", "table", "web")
_NAME = re.compile(r"[a-z0-9]{3,24}")
routes = Router()


def account_of(arm: "Arm", call: Call) -> Resource:
    """The account that a request lies below."""
    id = f"/subscriptions/{call['subscription']}/resourceGroups/{call['group']}{ACCOUNTS}/{call['account']}"
    return need(arm, call, id, KIND)


@routes.on("PUT", ACCOUNT)
def put_account(arm: "Arm", call: Call) -> Answer:
    """Create an account (202, then its Location), or change one (200)."""
    need_group(arm, call, writable=True)
    body, name = call.json(), call["account"]
    location, sku = location_of(arm, body), str((body.get("sku") or {}).get("name") or "")
    if sku not in SKUS:
        raise bad_request(f"Values for request parameters are invalid: sku '{sku}'.", "InvalidRequestPropertyValue")
    old = arm.store.get(call.path)
    if old is not None and old.location != location:
        text = f"The storage account '{name}' is already in the location '{old.location}'."
        raise ArmError(409, "InvalidResourceLocation", text)
    if old is None:
        problem = _name_problem(arm, name)
        if problem:
            raise ArmError(400 if problem[0] == "AccountNameInvalid" else 409, _ERRORS[problem[0]], problem[1])
    account = _account(arm, call, body, location, old)
    if old is not None:
        return Answer(200, arm.store.put(account).body)
    operation = operations.begin(arm, account.id, result="resource")
    account.properties["provisioningState"] = "Creating"
    arm.store.put(account)
    arm.after(arm.durations.storage_create, "storage-ready", account.id, operation=operation)
    place = f"/subscriptions/{call['subscription']}/providers/Microsoft.Storage/locations/{location}"
    wait = arm.durations.storage_create
    return Answer(202, None, operations.headers(arm, call, operation, place, wait=wait, status="", location="operationresults"))


@routes.on("GET", ACCOUNT)
def get_account(arm: "Arm", call: Call) -> Answer:
    """One account."""
    account = account_of(arm, call)
    return Answer(200, account.body, hold=operations.HOLD if account.properties["provisioningState"] == "Creating" else 0.0)


@routes.on("PATCH", ACCOUNT)
def patch_account(arm: "Arm", call: Call) -> Answer:
    """Change tags, size class or properties."""
    account, changes = account_of(arm, call), call.json()
    if "tags" in changes:
        account.body["tags"] = changes.pop("tags") or {}
    if (changes.get("sku") or {}).get("name"):
        account.body["sku"] = _sku(changes.pop("sku")["name"])
    merge(account.body, {name: value for name, value in changes.items() if name in ("properties", "kind", "identity")})
    return Answer(200, arm.store.put(account).body)


@routes.on("DELETE", ACCOUNT)
def delete_account(arm: "Arm", call: Call) -> Answer:
    """Remove the account with its data, at once."""
    account = arm.store.get(call.path)
    if account is None:
        need_group(arm, call)
        return Answer(204)
    arm.store.remove(account.id)
    arm.at(arm.clock.now(), "storage-erase", account.id, account=account.name)
    return Answer(200)


@routes.on("GET", GROUP + ACCOUNTS)
@routes.on("GET", SUBSCRIPTION + ACCOUNTS)
def list_accounts(arm: "Arm", call: Call) -> Answer:
    """The accounts of a group or a subscription."""
    if "group" in call.params:
        need_group(arm, call)
    above = call.path[: call.path.lower().index("/providers/")]
    return page(arm, call, [account.body for account in arm.store.below(above, KIND)])


@routes.on("POST", SUBSCRIPTION + "/providers/Microsoft.Storage/checkNameAvailability")
def check_name(arm: "Arm", call: Call) -> Answer:
    """Whether an account may have a name: account names are host names, unique in the whole cloud."""
    problem = _name_problem(arm, str(call.json().get("name") or ""))
    return Answer(
        200, {"nameAvailable": False, "reason": problem[0], "message": problem[1]} if problem else {"nameAvailable": True}
    )


@routes.on("POST", ACCOUNT + "/listKeys")
def list_keys(arm: "Arm", call: Call) -> Answer:
    """Both keys."""
    return _keys(account_of(arm, call))


@routes.on("POST", ACCOUNT + "/regenerateKey", locked=False)
def regenerate_key(arm: "Arm", call: Call) -> Answer:
    """A new key in place of one; the old one is refused from then on."""
    account, name = account_of(arm, call), str(call.json().get("keyName") or "")
    if name not in account.hidden["keys"]:
        raise bad_request(f"There is no key '{name}'.", "InvalidRequestPropertyValue")
    account.hidden["keys"][name] = _new_key()
    arm.backends.start_storage(account.name, keys_of(account))
    return _keys(arm.store.put(account))


def keys_of(account: Resource) -> tuple[str, str]:
    """The account's keys."""
    return account.hidden["keys"]["key1"], account.hidden["keys"]["key2"]


@action("storage-ready", blocking=True)
def _ready(arm: "Arm", target: str, data: dict[str, Any]) -> None:
    """The creation ends: the account's blob service answers."""
    account = arm.store.get(target)
    if account is None:
        return
    error = None
    try:
        arm.backends.start_storage(account.name, keys_of(account))
    except BackendError as failed:
        error = ArmError(500, "InternalServerError", f"The storage account could not be created: {failed}")
    with arm.store.transaction():
        account = arm.store.get(target)
        if account is not None:
            if error is None:
                account.properties["provisioningState"] = "Succeeded"
                arm.store.put(account)
            else:
                arm.store.remove(target)
        operations.finish(arm, data["operation"], error)
    if account is None:  # its group was deleted meanwhile
        arm.backends.stop_storage(target.rsplit("/", 1)[-1])


@action("storage-resume", blocking=True)
def _resume(arm: "Arm", target: str, data: dict[str, Any]) -> None:
    """After a restart of the emulator: the account's blob service runs again."""
    account = arm.store.get(target)
    if account is not None:
        with resuming(arm, target):
            arm.backends.start_storage(account.name, keys_of(account))


_ERRORS = {"AccountNameInvalid": "AccountNameInvalid", "AlreadyExists": "StorageAccountAlreadyTaken"}


def _name_problem(arm: "Arm", name: str) -> tuple[str, str] | None:
    if not _NAME.fullmatch(name):
        rule = "Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only."
        return "AccountNameInvalid", f"{name} is not a valid storage account name. {rule}"
    if any(account.name == name for account in arm.store.below("/subscriptions", KIND)):
        return "AlreadyExists", f"The storage account named {name} is already taken."
    return None


def _account(arm: "Arm", call: Call, body: dict[str, Any], location: str, old: Resource | None) -> Resource:
    name, moment = call["account"], arm.clock.text()
    account = Resource(KIND, {"id": call.path, "name": name, "type": KIND, "location": location})
    account.body |= {"kind": body.get("kind") or "StorageV2", "sku": _sku(body["sku"]["name"]), "tags": body.get("tags") or {}}
    account.body["properties"] = {name: value for name, value in call.properties().items() if value is not None}
    given = account.properties
    given.setdefault(
        "networkAcls", {"bypass": "AzureServices", "virtualNetworkRules": [], "ipRules": [], "defaultAction": "Allow"}
    )
    service = {"enabled": True, "keyType": "Account"}
    given.setdefault("encryption", {"keySource": "Microsoft.Storage", "services": {"blob": service, "file": service}})
    hosts = {kind: f"https://{name}.{kind}.{arm.storage_suffix}/" for kind in SERVICES}
    account.body["properties"] |= {
        "provisioningState": "Succeeded",
        "creationTime": old.properties["creationTime"] if old else moment,
        "primaryEndpoints": hosts,
        "primaryLocation": location,
        "statusOfPrimary": "available",
    }
    keys = {"key1": _new_key(), "key2": _new_key()}
    account.hidden = old.hidden if old else {"keys": keys, "made": moment}
    return account


def _sku(name: str) -> dict[str, str]:
    return {"name": name, "tier": name.split("_", maxsplit=1)[0]}


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(64)).decode()


def _keys(account: Resource) -> Answer:
    made = account.hidden["made"]
    shown = [
        {"creationTime": made, "keyName": name, "value": value, "permissions": "FULL"}
        for name, value in account.hidden["keys"].items()
    ]
    return Answer(200, {"keys": shown})
