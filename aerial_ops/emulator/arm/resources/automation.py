"""Automation: accounts with their identity, and runbooks from draft to publication."""

import uuid
from typing import TYPE_CHECKING, Any

from aerial_ops.emulator.arm import operations
from aerial_ops.emulator.arm.errors import conflict, not_found
from aerial_ops.emulator.arm.messages import Answer, Call, Router
from aerial_ops.emulator.arm.resources.common import GROUP, SUBSCRIPTION, Plain, add_plain, need
from aerial_ops.emulator.arm.store import Resource
from aerial_ops.emulator.arm.worker import action

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm

KIND = "Microsoft.Automation/automationAccounts"
ACCOUNTS = "/providers/Microsoft.Automation/automationAccounts"
ACCOUNT = GROUP + ACCOUNTS + "/{account}"
RUNBOOK_KIND = f"{KIND}/runbooks"
RUNBOOK = ACCOUNT + "/runbooks/{runbook}"
LINK_KIND = f"{KIND}/jobSchedules"
CONTENT_TYPE = "text/powershell"
routes = Router()


def account_path(call: Call) -> str:
    """The id of the Automation account that a request is about."""
    return f"/subscriptions/{call['subscription']}/resourceGroups/{call['group']}{ACCOUNTS}/{call['account']}"


def links_of(arm: "Arm", account: str, what: str, name: str) -> list[Resource]:
    """The job schedules of an account that name a `schedule` or a `runbook`."""
    links = arm.store.below(account, LINK_KIND)
    return [link for link in links if link.properties[what]["name"].lower() == name.lower()]


def drop_links(arm: "Arm", resource: Resource, what: str) -> None:
    """A schedule or a runbook goes, and its links with it."""
    for link in links_of(arm, resource.id.rsplit("/", 2)[0], what, resource.name):
        arm.store.remove(link.id)


def _account(arm: "Arm", call: Call, account: Resource, old: Resource | None) -> None:
    moment = arm.clock.text()
    created = old.properties["creationTime"] if old else moment
    account.properties.update(state="Ok", creationTime=created, lastModifiedTime=moment)
    account.properties["sku"] = {**(account.properties.get("sku") or {"name": "Basic"}), "family": None, "capacity": None}
    given = call.json().get("identity")
    if given:
        kind, identity = str(given.get("type") or "None"), {"type": str(given.get("type") or "None")}
        if "SystemAssigned" in kind:
            identity |= {"principalId": str(uuid.uuid5(uuid.NAMESPACE_URL, account.key)), "tenantId": arm.identity.tenant}
        account.body["identity"] = identity
        users = given.get("userAssignedIdentities") or {}
        if users:
            account.body["identity"] = {**identity, "userAssignedIdentities": {id: _user(id) for id in users}}


def _user(id: str) -> dict[str, str]:
    names = {"principalId": uuid.NAMESPACE_URL, "clientId": uuid.NAMESPACE_OID}
    return {name: str(uuid.uuid5(space, id.lower())) for name, space in names.items()}


def _runbook(arm: "Arm", call: Call, runbook: Resource, old: Resource | None) -> None:
    moment = arm.clock.text()
    runbook.properties.pop("draft", None)
    runbook.properties.update(
        state=old.properties["state"] if old else "New",
        jobCount=old.properties["jobCount"] if old else 0,
        parameters={},
        outputTypes=[],
        provisioningState="Succeeded",
        creationTime=old.properties["creationTime"] if old else moment,
        lastModifiedTime=moment,
    )
    if old is not None:  # the service renews the ids of the runbook's links when the runbook is written again
        for link in links_of(arm, account_path(call), "runbook", old.name):
            arm.store.remove(link.id)
            name = str(uuid.uuid4())
            link.body.update(id=f"{account_path(call)}/jobSchedules/{name}", name=name)
            link.properties["jobScheduleId"] = name
            arm.store.put(link)


def _runbook_removed(arm: "Arm", runbook: Resource) -> None:
    drop_links(arm, runbook, "runbook")


add_plain(routes, Plain(KIND, ACCOUNT, lists=[GROUP + ACCOUNTS, SUBSCRIPTION + ACCOUNTS], prepare=_account))
add_plain(
    routes,
    Plain(RUNBOOK_KIND, RUNBOOK, parent=ACCOUNT, lists=[ACCOUNT + "/runbooks"], prepare=_runbook, removed=_runbook_removed),
)


@routes.on("GET", ACCOUNT + "/agentRegistrationInformation")
def registration(arm: "Arm", call: Call) -> Answer:
    """Keys for hybrid workers, which nobody has."""
    need(arm, call, account_path(call), KIND)
    keys = {"primary": "cHJpbWFyeQ==", "secondary": "c2Vjb25kYXJ5"}
    return Answer(200, {"id": call.path, "dscMetaConfiguration": "", "endpoint": f"{call.base}/agents", "keys": keys})


@routes.on("PUT", RUNBOOK + "/draft/content")
def put_draft(arm: "Arm", call: Call) -> Answer:
    """A new draft: the script itself."""
    runbook = _need_runbook(arm, call)
    return _begin(arm, call, runbook, "draft/", "runbook-draft", text=call.body.decode(errors="replace"))


@routes.on("GET", RUNBOOK + "/draft/content")
def get_draft(arm: "Arm", call: Call) -> Answer:
    """The draft's script."""
    return Answer(200, str(_need_runbook(arm, call).hidden.get("draft", "")).encode(), content_type=CONTENT_TYPE)


@routes.on("POST", RUNBOOK + "/publish")
@routes.on("POST", RUNBOOK + "/draft/publish")
def publish(arm: "Arm", call: Call) -> Answer:
    """The draft becomes what runs."""
    runbook = _need_runbook(arm, call)
    if "draft" not in runbook.hidden:
        raise conflict(f"The runbook '{runbook.name}' has no draft to publish.")
    return _begin(arm, call, runbook, "", "runbook-publish")


@routes.on("GET", RUNBOOK + "/content")
def content(arm: "Arm", call: Call) -> Answer:
    """The published script."""
    runbook = _need_runbook(arm, call)
    if "content" not in runbook.hidden:
        raise not_found(f"The runbook '{runbook.name}' is not published.", "RunbookNotPublished")
    return Answer(200, str(runbook.hidden["content"]).encode(), content_type=CONTENT_TYPE)


@action("runbook-draft")
def _drafted(arm: "Arm", target: str, data: dict[str, Any]) -> None:
    runbook = arm.store.get(target)
    if runbook is not None:
        runbook.hidden["draft"] = data["text"]
        runbook.properties["state"] = "Edit" if "content" in runbook.hidden else "New"
        arm.store.put(runbook)
    operations.finish(arm, data["operation"])


@action("runbook-publish")
def _published(arm: "Arm", target: str, data: dict[str, Any]) -> None:
    runbook = arm.store.get(target)
    if runbook is not None:
        runbook.hidden["content"] = runbook.hidden.pop("draft", runbook.hidden.get("content", ""))
        runbook.properties["state"] = "Published"
        arm.store.put(runbook)
    operations.finish(arm, data["operation"])


def _need_runbook(arm: "Arm", call: Call) -> Resource:
    return need(arm, call, f"{account_path(call)}/runbooks/{call['runbook']}", RUNBOOK_KIND)


def _begin(arm: "Arm", call: Call, runbook: Resource, below: str, name: str, **data: str) -> Answer:
    operation = operations.begin(arm, runbook.id)
    arm.after(arm.durations.runbook, name, runbook.id, operation=operation, **data)
    place = f"{runbook.id}/{below}".rstrip("/")
    wait = arm.durations.runbook
    return Answer(202, None, operations.headers(arm, call, operation, place, wait=wait, status="", location="operationResults"))
