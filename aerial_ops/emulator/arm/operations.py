"""Long-running operations, with each of the ways in which ARM lets a client follow them."""

import uuid
from typing import TYPE_CHECKING, Any, Literal

from aerial_ops.emulator.arm.errors import ArmError, not_found
from aerial_ops.emulator.arm.messages import Answer, Call, Router

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm

HOLD = 0.05  # real seconds that an answer "not yet" waits: some clients poll without a pause
Result = Literal["resource", "none"]
ASYNCHRONOUS = ("azureasyncoperations", "asyncoperations", "operations")
routes = Router()


def begin(arm: "Arm", target: str, *, result: Result = "none", action: str = "") -> str:
    """Start an operation on `target` (a resource id) and give its id. `result` is what its Location shows at the end.

    `action` is its name in the activity log, such as Microsoft.HDInsight/clusters/delete; without one it is not in there.
    """
    id = str(uuid.uuid4())
    record = {
        "status": "InProgress",
        "target": target,
        "result": result,
        "action": action,
        "started": arm.clock.text(),
        "ended": None,
        "error": None,
    }
    arm.store.keep_operation(id, record)
    return id


def finish(arm: "Arm", id: str, error: ArmError | None = None) -> None:
    """End an operation, well or with an error. Nothing happens when it is not known or has ended."""
    record = arm.store.operation(id)
    if record is None or record["status"] != "InProgress":
        return
    failed = {"code": error.code, "message": error.message, "status": error.status} if error else None
    record.update(status="Failed" if error else "Succeeded", ended=arm.clock.text(), error=failed)
    arm.store.keep_operation(id, record)


def headers(
    arm: "Arm", call: Call, id: str, place: str, *, wait: float, status: str = "azureasyncoperations", location: str = ""
) -> dict[str, str]:
    """The headers of an answer that starts operation `id`.

    `place` is the path that the operation's addresses lie below; `status` and `location` are the last segments before the id in
    Azure-AsyncOperation and Location, empty for a header that is left out; `wait` is the Retry-After in emulated seconds.
    """
    found = arm.retry_after(wait)
    for header, segment in (("Azure-AsyncOperation", status), ("Location", location)):
        if segment:
            found[header] = f"{call.base}{place}/{segment}/{id}?api-version={call.api_version}"
    return found


@routes.on("GET", "/subscriptions/{subscription}/providers/{namespace}/locations/{location}/{style}/{operation}")
@routes.on("GET", "/subscriptions/{subscription}/{style}/{operation}")
@routes.on("GET", "{runbook:path}/runbooks/{name}/{style}/{operation}")
@routes.on("GET", "{runbook:path}/runbooks/{name}/draft/{style}/{operation}")
def poll(arm: "Arm", call: Call) -> Answer:
    """Ask how far an operation is."""
    id, style = call["operation"], call["style"].lower()
    record = arm.store.operation(id)
    if record is None or style not in (*ASYNCHRONOUS, "operationresults"):
        raise not_found(f"The entity was not found: operation '{id}'.", "EntityNotFound")
    if style in ASYNCHRONOUS:
        return _status(arm, call, id, record)
    return _location(arm, call, record)


def _status(arm: "Arm", call: Call, id: str, record: dict[str, Any]) -> Answer:
    body = {"id": call.path, "name": id, "status": record["status"], "startTime": record["started"]}
    if record["status"] == "InProgress":
        return Answer(200, body, arm.retry_after(arm.durations.poll), hold=HOLD)
    body["endTime"] = record["ended"]
    if record["error"]:
        body["error"] = {"code": record["error"]["code"], "message": record["error"]["message"]}
    return Answer(200, body)


def _location(arm: "Arm", call: Call, record: dict[str, Any]) -> Answer:
    if record["status"] == "InProgress":
        here = f"{call.base}{call.path}?api-version={call.api_version}"
        return Answer(202, None, {"Location": here, **arm.retry_after(arm.durations.poll)}, hold=HOLD)
    if record["error"]:
        error = record["error"]
        raise ArmError(error["status"], error["code"], error["message"])
    resource = arm.store.get(record["target"]) if record["result"] == "resource" else None
    return Answer(200, resource.body if resource else None)
