"""The deadline is real: a schedule that fires runs its runbook, with the Automation account's identity and no other right.

The emulator does not interpret PowerShell. It does what the project's runbook says (terraform/modules/cost_guard): delete the
clusters of a group, wait until they are gone (trying again while one is still being created), then delete the group. With the
parameter `environment` only what carries that tag is touched, and a group that holds anything else is kept; with
`keepdata` = true the group is kept too. What the identity may not read is not there for it.
"""

import uuid
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from aerial_ops.emulator.arm.errors import ArmError, conflict
from aerial_ops.emulator.arm.resources import clusters, groups
from aerial_ops.emulator.arm.resources.automation import RUNBOOK_KIND, links_of
from aerial_ops.emulator.arm.resources.cluster_spec import KIND as CLUSTER_KIND
from aerial_ops.emulator.arm.resources.schedules import JOB_KIND
from aerial_ops.emulator.arm.resources.simple import check_locks
from aerial_ops.emulator.arm.roles import denied
from aerial_ops.emulator.arm.store import Resource
from aerial_ops.emulator.arm.worker import action

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm

ATTEMPTS = 30
READ_CLUSTER, DELETE_CLUSTER = f"{CLUSTER_KIND}/read", f"{CLUSTER_KIND}/delete"
TAG = "aerial-ops:environment"
READ_GROUP = "Microsoft.Resources/subscriptions/resourceGroups/read"
DELETE_GROUP = "Microsoft.Resources/subscriptions/resourceGroups/delete"


@action("schedule-fires")
def _fires(arm: "Arm", target: str, data: dict[str, Any]) -> None:
    """The moment of a schedule: one job for each of its links."""
    schedule = arm.store.get(target)
    if schedule is None or not schedule.properties.get("isEnabled", True):
        return
    schedule.properties.update(isEnabled=False, nextRun=None)
    arm.store.put(schedule)
    account = schedule.id.rsplit("/", 2)[0]
    for link in links_of(arm, account, "schedule", schedule.name):
        _start_job(arm, account, link)


def _start_job(arm: "Arm", account: str, link: Resource) -> None:
    id, moment, runbook = str(uuid.uuid4()), arm.clock.text(), link.properties["runbook"]["name"]
    properties = {
        "jobId": id,
        "runbook": {"name": runbook},
        "provisioningState": "Processing",
        "status": "Running",
        "creationTime": moment,
        "startTime": moment,
        "endTime": None,
        "exception": None,
        "parameters": link.properties.get("parameters") or {},
    }
    job = Resource(JOB_KIND, {"id": f"{account}/jobs/{id}", "name": id, "type": JOB_KIND, "properties": properties})
    arm.store.put(job)
    found = arm.store.get(f"{account}/runbooks/{runbook}")
    if found is None or found.kind != RUNBOOK_KIND or not str(found.hidden.get("content", "")).strip():
        _end(arm, job, "Failed", "The runbook has no published script.")
        return
    found.properties["jobCount"] += 1
    arm.store.put(found)
    arm.after(arm.durations.runbook, "runbook-step", job.id)


@action("runbook-step")
def _step(arm: "Arm", target: str, data: dict[str, Any]) -> None:
    """One round of the running runbook."""
    job = arm.store.get(target)
    if job is None:
        return
    try:
        _round(arm, job)
    except ArmError as error:
        _end(arm, job, "Failed", f"{error.code}: {error.message}")


def _round(arm: "Arm", job: Resource) -> None:
    """What the script does between two pauses. Raises ArmError where the script throws."""
    principal, given = _principal(arm, job), {name.lower(): str(v) for name, v in job.properties["parameters"].items()}
    group, environment = _group(arm, job), given.get("environment", "")
    if not arm.access.has_role(principal, group.id if group else job.id):
        raise denied(principal, principal, READ_GROUP, group.id if group else job.id)
    if group is not None and not arm.access.allows(principal, READ_GROUP, group.id):
        raise denied(principal, principal, READ_GROUP, group.id)
    if group is None:
        _print(arm, job, "The resource group does not exist. Nothing to do.")
        _end(arm, job, "Completed", "")
        return
    if not _ours(group, environment):
        raise ArmError(409, "ForeignGroup", f"Resource group {group.name} does not carry the tag {TAG} = {environment}.")
    left = [cluster for cluster in arm.store.below(group.id, CLUSTER_KIND) if _ours(cluster, environment)]
    left = [cluster for cluster in left if arm.access.allows(principal, READ_CLUSTER, cluster.id)]
    if left:
        _again(arm, job, "cluster", f"Still there, and still billed: {', '.join(cluster.name for cluster in left)}.")
        for cluster in left:
            _attempt(arm, job, cluster, partial(_delete_cluster, arm, principal, cluster))
        return
    if given.get("keepdata", "").lower() == "true":
        _print(arm, job, "The data is kept, as asked.")
        _end(arm, job, "Completed", "")
        return
    seen = [found for found in groups.tracked(arm, group.id) if arm.access.allows(principal, f"{found.kind}/read", found.id)]
    foreign = [found.id for found in seen if not _ours(found, environment)]
    if foreign:
        raise ArmError(409, "ForeignResources", f"Resource group {group.name} was kept: it holds {', '.join(foreign)}.")
    if _attempt(arm, job, group, lambda: _check(arm, principal, DELETE_GROUP, group.id)):
        _end(arm, job, "Completed", "")
        groups.begin_delete(arm, group)
    else:
        _again(arm, job, "group", f"Resource group {group.name} is still there.")


def _delete_cluster(arm: "Arm", principal: str, cluster: Resource) -> None:
    _check(arm, principal, DELETE_CLUSTER, cluster.id)
    if not clusters.may_delete(cluster):
        raise conflict(f"The cluster '{cluster.name}' is being created.")
    clusters.begin_delete(arm, cluster)


def _attempt(arm: "Arm", job: Resource, thing: Resource, delete: Callable[[], None]) -> bool:
    """Try to delete; a refusal becomes a warning in the job's output, as in the script."""
    try:
        delete()
    except ArmError as error:
        _print(arm, job, f"WARNING: {thing.name} was not deleted: {error.code}: {error.message}")
        return False
    _print(arm, job, f"Deleting {thing.name}.")
    return True


def _again(arm: "Arm", job: Resource, phase: str, failure: str) -> None:
    """Another round after a pause. Raises ArmError when there were enough, with the last warning."""
    rounds = job.hidden.setdefault("rounds", {})
    rounds[phase] = rounds.get(phase, 0) + 1
    if rounds[phase] > ATTEMPTS:
        last = next((line for line in reversed(job.hidden.get("output", [])) if line.startswith("WARNING")), "")
        raise ArmError(409, "StillThere", f"{failure} {ATTEMPTS} attempts. {last}".strip())
    arm.store.put(job)
    arm.after(arm.durations.runbook_step, "runbook-step", job.id)


def _ours(resource: Resource, environment: str) -> bool:
    return not environment or (resource.body.get("tags") or {}).get(TAG) == environment


def _principal(arm: "Arm", job: Resource) -> str:
    account = arm.store.get(job.id.rsplit("/", 2)[0])
    identity = (account.body.get("identity") if account else None) or {}
    users = list((identity.get("userAssignedIdentities") or {}).values())
    principal = identity.get("principalId") or (users[0]["principalId"] if users else "")
    if not principal:
        raise ArmError(400, "IdentityNotFound", "The Automation account has no managed identity to sign in with.")
    return str(principal)


def _group(arm: "Arm", job: Resource) -> Resource | None:
    """The group to delete: the one that a parameter names, else the Automation account's own."""
    parts = job.id.split("/")
    given = {name.lower(): str(value) for name, value in job.properties["parameters"].items()}
    subscription = next((value for name, value in given.items() if "subscription" in name), parts[2])
    name = next((value for name, value in given.items() if "group" in name), parts[4])
    return arm.store.get(f"/subscriptions/{subscription}/resourceGroups/{name}")


def _check(arm: "Arm", principal: str, what: str, id: str) -> None:
    if not arm.access.allows(principal, what, id):
        raise denied(principal, principal, what, id)
    check_locks(arm, "DELETE", id)


def _print(arm: "Arm", job: Resource, line: str) -> None:
    job.hidden.setdefault("output", []).append(line)
    arm.store.put(job)


def _end(arm: "Arm", job: Resource, status: str, exception: str) -> None:
    state = "Succeeded" if status == "Completed" else "Failed"
    job.properties.update(status=status, provisioningState=state, endTime=arm.clock.text(), exception=exception or None)
    arm.store.put(job)
    arm.store.keep("last-jobs", [*(arm.store.setting("last-jobs") or []), job.body][-50:])
