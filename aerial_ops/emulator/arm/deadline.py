"""The deadline is real: a schedule that fires runs its runbook, with the Automation account's identity and no other right.

The emulator does not interpret PowerShell. It does what the project's runbook says (terraform/modules/cost_guard): delete the
clusters of a group, wait until they are gone (trying again while one is still being created), then delete the group. With the
parameter `environment` only what carries that tag is touched, and a group that holds anything else is kept; with
`keepdata` = true the group is kept too.
"""

import uuid
from typing import TYPE_CHECKING, Any

from aerial_ops.emulator.arm.errors import ArmError, group_not_found
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

DELETE_CLUSTER = f"{CLUSTER_KIND}/delete"
TAG = "aerial-ops:environment"
DELETE_GROUP = "Microsoft.Resources/subscriptions/resourceGroups/delete"


@action("schedule-fires")
def _fires(arm: "Arm", target: str, data: dict[str, Any]) -> None:
    """The moment of a schedule: one job for each of its links."""
    schedule = arm.store.get(target)
    if schedule is None:
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
    """One look of the running runbook at the group that it is to delete."""
    job = arm.store.get(target)
    if job is None:
        return
    try:
        _delete(arm, job)
    except ArmError as error:
        _end(arm, job, "Failed", f"{error.code}: {error.message}")


def _delete(arm: "Arm", job: Resource) -> None:
    principal = _principal(arm, job)
    group = _group(arm, job)
    given = {name.lower(): str(value) for name, value in job.properties["parameters"].items()}
    environment = given.get("environment", "")
    if not _ours(group, environment):
        raise ArmError(409, "ForeignGroup", f"Resource group {group.name} does not carry the tag {TAG} = {environment}.")
    left = [cluster for cluster in arm.store.below(group.id, CLUSTER_KIND) if _ours(cluster, environment)]
    for cluster in left:
        if cluster.properties["clusterState"] == "Deleting" or not clusters.may_delete(cluster):
            continue  # on its way out, or 409: tried again
        _check(arm, principal, DELETE_CLUSTER, cluster.id)
        clusters.begin_delete(arm, cluster)
        _print(arm, job, f"Deleting the cluster {cluster.name}.")
    if left:
        arm.after(arm.durations.runbook_step, "runbook-step", job.id)
        return
    if given.get("keepdata", "").lower() == "true":
        _print(arm, job, "The data is kept, as asked.")
        _end(arm, job, "Completed", "")
        return
    foreign = [found.id for found in groups.tracked(arm, group.id) if not _ours(found, environment)]
    if foreign:
        raise ArmError(409, "ForeignResources", f"Resource group {group.name} was kept: it holds {', '.join(foreign)}.")
    _check(arm, principal, DELETE_GROUP, group.id)
    _print(arm, job, f"Deleting the group {group.name}.")
    _end(arm, job, "Completed", "")
    groups.begin_delete(arm, group)


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


def _group(arm: "Arm", job: Resource) -> Resource:
    """The group to delete: the one that a parameter names, else the Automation account's own."""
    parts = job.id.split("/")
    given = {name.lower(): str(value) for name, value in job.properties["parameters"].items()}
    subscription = next((value for name, value in given.items() if "subscription" in name), parts[2])
    name = next((value for name, value in given.items() if "group" in name), parts[4])
    group = arm.store.get(f"/subscriptions/{subscription}/resourceGroups/{name}")
    if group is None:
        raise group_not_found(name)
    return group


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
