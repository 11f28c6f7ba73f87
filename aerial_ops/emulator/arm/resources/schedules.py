"""Automation: one-time schedules, their links to runbooks, and the jobs that come of them."""

from typing import TYPE_CHECKING, Any

from aerial_ops.emulator.arm.clock import parse_time
from aerial_ops.emulator.arm.errors import bad_request, conflict, not_found, parent_not_found
from aerial_ops.emulator.arm.messages import Answer, Call, Router
from aerial_ops.emulator.arm.odata import parse_filter
from aerial_ops.emulator.arm.resources.automation import ACCOUNT, KIND, LINK_KIND, account_path, drop_links
from aerial_ops.emulator.arm.resources.common import Plain, add_plain, need, need_group, page
from aerial_ops.emulator.arm.store import Resource

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm

SCHEDULE_KIND = f"{KIND}/schedules"
JOB_KIND = f"{KIND}/jobs"
LEAD = 300  # seconds: a schedule must start at least that much later
routes = Router()


def _schedule(arm: "Arm", call: Call, schedule: Resource, old: Resource | None) -> None:
    """Check and arm a schedule; one whose moment is not changed may lie in the past."""
    given = schedule.properties
    if given.get("frequency") != "OneTime":
        raise bad_request(f"The frequency '{given.get('frequency')}' is not offered by this emulator; OneTime is.")
    start = parse_time(given.get("startTime"))
    same = old is not None and parse_time(old.properties["startTime"]) == start
    if start.timestamp() - arm.clock.now() < LEAD and not same:
        raise bad_request("The start time of the schedule must be at least 5 minutes after the time you create the schedule.")
    if given.get("expiryTime") and parse_time(given["expiryTime"]) < start:
        raise bad_request("The expiry time of the schedule must not be before its start time.")
    moment, offset = arm.clock.text(), start.utcoffset()
    given.update(
        startTime=start.isoformat(timespec="seconds"),
        startTimeOffsetMinutes=offset.total_seconds() / 60 if offset else 0.0,
        expiryTime=start.isoformat(timespec="seconds"),
        isEnabled=old.properties["isEnabled"] if old is not None and same else True,
        interval=None,
        nextRun=start.isoformat(timespec="seconds"),
        creationTime=old.properties["creationTime"] if old else moment,
        lastModifiedTime=moment,
    )
    if not same:
        arm.store.cancel(schedule.id, "schedule-fires")
        arm.at(start.timestamp(), "schedule-fires", schedule.id)
    elif not given["isEnabled"]:
        given["nextRun"] = None


def _schedule_removed(arm: "Arm", schedule: Resource) -> None:
    drop_links(arm, schedule, "schedule")


def _link(arm: "Arm", call: Call, link: Resource, old: Resource | None) -> None:
    given = link.properties
    if old is not None:
        raise conflict("A job schedule with this id already exists.")
    for what in ("schedule", "runbook"):
        name = str((given.get(what) or {}).get("name") or "")
        found = arm.store.get(f"{account_path(call)}/{what}s/{name}")
        if found is None or (what == "runbook" and "content" not in found.hidden):
            raise not_found(f"The {what} '{name}' was not found, or is not published.")
    for other in arm.store.below(account_path(call), LINK_KIND):
        if all(other.properties[what]["name"].lower() == given[what]["name"].lower() for what in ("schedule", "runbook")):
            raise conflict("A job schedule for the specified runbook and schedule already exists.")
    given["jobScheduleId"] = link.name
    given.setdefault("runOn", None)
    given.setdefault("parameters", {})


add_plain(
    routes,
    Plain(
        SCHEDULE_KIND,
        ACCOUNT + "/schedules/{schedule}",
        parent=ACCOUNT,
        lists=[ACCOUNT + "/schedules"],
        prepare=_schedule,
        removed=_schedule_removed,
    ),
)
add_plain(routes, Plain(LINK_KIND, ACCOUNT + "/jobSchedules/{link}", parent=ACCOUNT, missing="NotFound", prepare=_link))


@routes.on("GET", ACCOUNT + "/jobSchedules")
def list_links(arm: "Arm", call: Call) -> Answer:
    """The links, without their parameters; $filter=properties/runbook/name eq '...'."""
    return _list(arm, call, LINK_KIND, "parameters")


@routes.on("GET", ACCOUNT + "/jobs")
def list_jobs(arm: "Arm", call: Call) -> Answer:
    """The jobs of the account."""
    return _list(arm, call, JOB_KIND, "output")


@routes.on("GET", ACCOUNT + "/jobs/{job}")
def get_job(arm: "Arm", call: Call) -> Answer:
    """One job."""
    return Answer(200, _job(arm, call).body)


@routes.on("GET", ACCOUNT + "/jobs/{job}/output")
def get_output(arm: "Arm", call: Call) -> Answer:
    """What a job printed."""
    return Answer(200, "\n".join(_job(arm, call).hidden.get("output", [])).encode(), content_type="text/plain")


def _job(arm: "Arm", call: Call) -> Resource:
    return need(arm, call, f"{account_path(call)}/jobs/{call['job']}", JOB_KIND)


def _list(arm: "Arm", call: Call, kind: str, left_out: str) -> Answer:
    need_group(arm, call)
    if arm.store.get(account_path(call)) is None:
        raise parent_not_found(call["account"])
    test = parse_filter(call.query["$filter"], ignore_case=True) if call.query.get("$filter") else None
    shown: list[dict[str, Any]] = []
    for found in arm.store.below(account_path(call), kind):
        if test is None or test(found.body):
            properties = {name: value for name, value in found.properties.items() if name != left_out}
            shown.append({**found.body, "properties": properties})
    return page(arm, call, shown)
