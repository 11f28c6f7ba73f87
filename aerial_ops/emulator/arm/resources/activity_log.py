"""The activity log: what was begun and how it ended, kept after the resources are gone; of clusters and groups alone."""

import re
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aerial_ops.emulator.arm.clock import parse_time
from aerial_ops.emulator.arm.errors import ArmError, bad_request
from aerial_ops.emulator.arm.messages import Answer, Call, Router
from aerial_ops.emulator.arm.resources.common import SUBSCRIPTION, page

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm

_TERM = re.compile(r"(\w+)\s+(ge|le|eq)\s+'([^']*)'", re.IGNORECASE)
_SUBJECTS = {
    "resourcegroupname": "resourceGroupName",
    "resourceuri": "resourceId",
    "resourceprovider": "resourceProviderName",
    "correlationid": "correlationId",
}
routes = Router()


@routes.on("GET", SUBSCRIPTION + "/providers/Microsoft.Insights/eventtypes/management/values")
def list_events(arm: "Arm", call: Call) -> Answer:
    """The events that $filter means, newest first: since a moment, until another, of one group, resource, provider or request."""
    since, until, subjects = _filter(call.query.get("$filter", ""))
    above = f"/subscriptions/{call['subscription']}/".lower()
    found = []
    for id, record in arm.store.operations().items():
        if record.get("action") and record["target"].lower().startswith(above):
            found += [event for event in _events(id, record) if _fits(event, since, until, subjects)]
    return page(arm, call, sorted(found, key=lambda event: str(event["eventTimestamp"]), reverse=True))


def _filter(text: str) -> tuple[datetime, datetime | None, dict[str, str]]:
    """Raises ArmError 400 for any other form: the real log knows no other either."""
    moments: dict[str, datetime] = {}
    subjects: dict[str, str] = {}
    for part in re.split(r"\s+and\s+", text.strip(), flags=re.IGNORECASE):
        term = _TERM.fullmatch(part)
        name, sign = (term[1].lower(), term[2].lower()) if term else ("", "")
        if term and name == "eventtimestamp" and sign in ("ge", "le"):
            moments[sign] = parse_time(term[3])
        elif term and name in _SUBJECTS and sign == "eq" and not subjects:
            subjects[_SUBJECTS[name]] = term[3].lower()
        else:
            raise bad_request(f"The filter '{text}' is not supported.", "BadRequest")
    if "ge" not in moments:
        raise ArmError(400, "BadRequest", "The start time is required: eventTimestamp ge '...'.")
    return moments["ge"], moments.get("le"), subjects


def _fits(event: dict[str, Any], since: datetime, until: datetime | None, subjects: dict[str, str]) -> bool:
    at = parse_time(event["eventTimestamp"])
    if at < since or (until is not None and at > until):
        return False
    return all(_text(event[name]) == value for name, value in subjects.items())


def _events(id: str, record: dict[str, Any]) -> list[dict[str, Any]]:
    """That an operation began and was accepted, and its end when it has one."""
    events = [_event(id, record, status, record["started"]) for status in ("Started", "Accepted")]
    if record["ended"]:
        events.append(_event(id, record, str(record["status"]), record["ended"]))
    return events


def _event(id: str, record: dict[str, Any], status: str, at: str) -> dict[str, Any]:
    parts, action = record["target"].split("/"), str(record["action"])
    name = str(uuid.uuid5(uuid.UUID(id), status))
    ticks = int(parse_time(at).timestamp() * 10_000_000)
    return {
        "id": f"{record['target']}/events/{name}/ticks/{ticks}",
        "eventDataId": name,
        "correlationId": id,
        "operationId": id,
        "eventName": _words("EndRequest" if record["ended"] == at else "BeginRequest"),
        "category": _words("Administrative"),
        "level": "Error" if status == "Failed" else "Informational",
        "channels": "Operation",
        "operationName": _words(action),
        "status": _words(status),
        "subStatus": _words(""),
        "resourceId": record["target"],
        "resourceGroupName": parts[4] if len(parts) > 4 else "",
        "resourceProviderName": _words(action.partition("/")[0]),
        "resourceType": _words(action.rsplit("/", 1)[0]),
        "subscriptionId": parts[2],
        "eventTimestamp": at,
        "submissionTimestamp": at,
    }


def _words(value: str) -> dict[str, str]:
    return {"value": value, "localizedValue": value}


def _text(value: Any) -> str:
    return str(value["value"] if isinstance(value, dict) else value).lower()
