"""The emulator's own calls, below /__emulator/: state, clock, meter, faults, requests. They need the control token."""

import hmac
import threading
import time
import uuid
from typing import TYPE_CHECKING

from aerial_ops.emulator.arm import auth, tokens
from aerial_ops.emulator.arm.errors import ArmError, bad_request, not_found
from aerial_ops.emulator.arm.messages import Answer, Call, Router
from aerial_ops.emulator.arm.recovery import forget, recover, recovered
from aerial_ops.emulator.arm.resources.common import merge

if TYPE_CHECKING:
    from collections.abc import Callable

    from aerial_ops.emulator.arm.messages import Handler
    from aerial_ops.emulator.arm.service import Arm

ROOT = "/__emulator"
RECOVER_SECONDS = 240.0
SUBJECT = "repo:example/aerial-ops:ref:refs/heads/main"
routes = Router()


def _guarded(method: str, path: str, *, locked: bool = True) -> "Callable[[Handler], Handler]":
    """A route below /__emulator that refuses who lacks the control token."""

    def register(handler: "Handler") -> "Handler":
        def checked(arm: "Arm", call: Call) -> Answer:
            given = call.headers.get("authorization", "").partition(" ")[2]
            if not hmac.compare_digest(given.encode(), arm.identity.control_token.encode()):
                raise ArmError(401, "ControlTokenRequired", "Give the control token of the emulator's folder as a bearer token.")
            return handler(arm, call)

        routes.on(method, f"{ROOT}/{path}", locked=locked, public=True)(checked)
        return handler

    return register


@routes.on("GET", f"{ROOT}/health", public=True)
def health(arm: "Arm", call: Call) -> Answer:
    """Whether the emulator answers."""
    return Answer(200, {"status": "ok"})


@_guarded("GET", "state")
def state(arm: "Arm", call: Call) -> Answer:
    """Everything that exists, without secrets, and what is to happen."""
    resources = [{**resource.body, "kind": resource.kind} for resource in arm.store.below("/subscriptions")]
    events = [{"due": event.due, "action": event.action, "target": event.target} for event in arm.store.planned()]
    return Answer(200, {"now": arm.clock.text(), "resources": resources, "events": events, "operations": arm.store.operations()})


@_guarded("GET", "meter")
def meter(arm: "Arm", call: Call) -> Answer:
    """What each cluster has cost so far."""
    bills = [bill.as_dict() for bill in arm.meter.bills()]
    return Answer(200, {"now": arm.clock.now(), "clusters": bills, "totalUSD": round(sum(bill["costUSD"] for bill in bills), 6)})


@_guarded("GET", "jobs")
def jobs(arm: "Arm", call: Call) -> Answer:
    """The last runbook jobs that ended, those whose Automation account is gone included."""
    return Answer(200, {"jobs": arm.store.setting("last-jobs") or []})


@_guarded("GET", "clock")
def clock(arm: "Arm", call: Call) -> Answer:
    """The emulated time."""
    now = {"now": arm.clock.now(), "text": arm.clock.text()}
    return Answer(200, {**now, "speed": arm.clock.speed, "pace": arm.options.pace})


@_guarded("POST", "clock", locked=False)
def set_clock(arm: "Arm", call: Call) -> Answer:
    """{"jump": seconds, "speed": factor}; answers when all that came due has happened."""
    wanted = call.json()
    if "speed" in wanted:
        arm.clock.run_at(float(wanted["speed"]))
    if "jump" in wanted:
        arm.clock.jump(float(wanted["jump"]))
    arm.worker.wake()
    if not arm.worker.settle():
        raise ArmError(504, "Timeout", "What came due has not all happened within 60 seconds.")
    return clock(arm, call)


@_guarded("GET", "faults")
def faults(arm: "Arm", call: Call) -> Answer:
    """The faults that wait, and the seeded schedule."""
    schedule = arm.faults.schedule()
    waiting = [fault.model_dump() for fault in arm.faults.all()]
    return Answer(200, {"faults": waiting, "schedule": schedule.model_dump() if schedule else None})


@_guarded("POST", "faults")
def add_fault(arm: "Arm", call: Call) -> Answer:
    """Let something go wrong: {"kind", "method", "path", "skip", "times", "args"}."""
    return Answer(201, arm.faults.add(call.json()).model_dump())


@_guarded("POST", "faults/schedule")
def schedule_faults(arm: "Arm", call: Call) -> Answer:
    """Random faults: {"seed", "rate", "kinds", "method", "path", "limit", "args"}."""
    return Answer(201, arm.faults.set_schedule(call.json()).model_dump())


@_guarded("DELETE", "faults")
def clear_faults(arm: "Arm", call: Call) -> Answer:
    """Nothing goes wrong any more, and deletions that were stuck go on."""
    arm.faults.clear()
    for resource in arm.store.below("/subscriptions"):
        stuck = resource.hidden.pop("stuck", None)
        if stuck:
            arm.store.put(resource)
            arm.at(arm.clock.now(), stuck["action"], resource.id, **stuck["data"])
    return Answer(204)


@_guarded("GET", "requests")
def requests(arm: "Arm", call: Call) -> Answer:
    """The requests after number ?since=N, oldest first, without bodies."""
    return Answer(200, {"requests": arm.store.requests(int(call.query.get("since", 0)))})


@_guarded("POST", "cores")
def cores(arm: "Arm", call: Call) -> Answer:
    """Core quotas by region: {"eastus": 100}; "*" is every region that is not named."""
    limits = {**(arm.store.setting("cores") or {}), **{name.lower(): int(value) for name, value in call.json().items()}}
    arm.store.keep("cores", limits)
    return Answer(200, limits)


@_guarded("POST", "principals")
def add_principal(arm: "Arm", call: Call) -> Answer:
    """A new application: {"role", "scope", "subjects"}, all optional; answers its client id, object id and secret."""
    wanted = call.json()
    app = arm.directory.add([str(subject) for subject in wanted.get("subjects", [])])
    if "role" in wanted:
        arm.access.assign(
            app["object_id"], wanted["role"], wanted.get("scope", f"/subscriptions/{arm.identity.subscriptions[0]}")
        )
    return Answer(201, app)


@_guarded("GET", "id-token")
def id_token(arm: "Arm", call: Call) -> Answer:
    """An id token as a CI service issues it to a job (GitHub's request: ?audience=...); `subject` may be chosen."""
    now = int(time.time())
    claims = {
        "iss": f"{call.base}{ROOT}/issuer",
        "sub": call.query.get("subject", SUBJECT),
        "aud": call.query.get("audience", auth.EXCHANGE),
        "iat": now,
        "nbf": now,
        "exp": now + int(call.query.get("seconds", 600)),
        "jti": str(uuid.uuid4()),
    }
    return Answer(200, {"value": tokens.sign(claims, arm.identity.signing_key), "count": 1})


@_guarded("POST", "restart")
def restart(arm: "Arm", call: Call) -> Answer:
    """Stop as if killed, and start again after {"down": seconds}."""
    down = float(call.json().get("down", 0))
    threading.Timer(0.1, arm.restart, (down,)).start()
    return Answer(202, {"down": down})


@_guarded("POST", "recover", locked=False)
def bring_back(arm: "Arm", call: Call) -> Answer:
    """Let what exists run again where a program has died; answers when it does, with what did not come up and why."""
    recover(arm)
    if not recovered(arm, RECOVER_SECONDS):
        raise ArmError(504, "Timeout", f"Not everything runs again within {RECOVER_SECONDS:.0f} seconds.")
    return Answer(200, {"failed": {id: reason for id, reason in arm.unwell.items() if arm.store.get(id)}})


@_guarded("POST", "patch")
def patch(arm: "Arm", call: Call) -> Answer:
    """Change a resource behind everybody's back: {"id", "merge"}."""
    resource = arm.store.get(str(call.json().get("id", "")))
    if resource is None:
        raise not_found(f"There is no {call.json().get('id')}.")
    merge(resource.body, call.json().get("merge") or {})
    return Answer(200, arm.store.put(resource).body)


@_guarded("POST", "remove")
def remove(arm: "Arm", call: Call) -> Answer:
    """Take a resource out of the world at once, behind everybody's back: {"id"}. What ran behind it is stopped."""
    id = str(call.json().get("id", ""))
    if not arm.store.get(id):
        raise bad_request(f"There is no {id}.")
    gone = arm.store.remove(id)
    forget(arm, gone)
    return Answer(200, {"removed": [resource.id for resource in gone]})
