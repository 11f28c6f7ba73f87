"""Carry a schedule out, from a prepared environment to the proof that nothing is left."""

import json
import subprocess
import time
from collections.abc import Callable

from tests.chaos.ending import Requests, end, kill_family
from tests.chaos.grounds import PATIENCE, City, Ground, Theatre, ask, resources, settled
from tests.chaos.schedule import COMMANDS, Schedule
from tests.chaos.verdict import CLUSTER, SCALED, Outcome, complete, of_kind, truth

MAKING, WORKING, JOBS = 0.4, 0.7, 3  # of a run: until then it makes its environment, until then its jobs run, so many of them
BEYOND = 6 * 3600.0  # from the beginning of a schedule to beyond every deadline in it
ARGUMENTS = {
    "up": ("up", "--yes", "--json"),
    "up again": ("up", "--yes", "--json"),
    "scale": ("scale", str(SCALED), "--json"),
    "extend": ("extend", "1h", "--json"),
    "down": ("down", "--yes", "--json"),
    "down --keep-data": ("down", "--keep-data", "--yes", "--json"),
}


def carry_out(ground: City | Theatre, schedule: Schedule) -> Outcome:
    """Prepare, attack, look, and clean up in the way that the schedule says."""
    outcome, started = Outcome(schedule), time.monotonic()
    command = _prepare(ground, schedule)
    before = resources(ground, schedule.name)
    for order in schedule.orders():
        ask(lambda order=order: ground.control.post("faults", json=order))  # type: ignore[misc]
    requests = Requests(ground, schedule.name)
    come, release = _moment(ground, schedule, requests)
    process = ground.start(*command)
    try:
        signalled = end(process, schedule.signal, come) if schedule.signal != "none" else False
        release()
        out, err, hung = _end_of(process)
    except KeyboardInterrupt:
        kill_family(process)
        raise
    outcome.code, outcome.said = process.returncode, err + out
    if hung:
        outcome.broken.append(f"it did not end within {PATIENCE:.0f} s")
    requests.count()
    waiting = ask(lambda: ground.control.get("faults")).json()["faults"]
    met = schedule.fault != "none" and (
        requests.faults > 0 or not waiting or any(fault["hits"] > fault["skip"] for fault in waiting)
    )
    outcome.hit = f"{'s' if signalled else '-'}{'f' if met else '-'}"
    ask(lambda: ground.control.delete("faults"))
    _let_orphans_end(ground, schedule.name)
    after = resources(ground, schedule.name)
    outcome.at_once = len(after)
    outcome.broken += truth(schedule, outcome.code, signalled, before, after, outcome.said)
    if isinstance(ground, Theatre):
        ground.stage.failing.clear()
        outcome.broken += complete(out, ground.folder / "out" / schedule.name, outcome.code)
    if schedule.afterwards == "deadline":
        _let_the_deadline_pass(ground, schedule, outcome)
    _clean(ground, schedule, outcome)
    outcome.seconds = time.monotonic() - started
    return outcome


def _prepare(ground: City | Theatre, schedule: Schedule) -> tuple[str, ...]:
    """What stands before the command; gives the command."""
    if isinstance(ground, Theatre):
        if schedule.fault == "training fails":
            ground.stage.failing.add("rf")
        return "run", str(ground.write(schedule.name)), "--yes", "--json"
    name = ("--env", schedule.name)
    if schedule.command == "up again":
        ground.prepare(*name, "up", "--data-only", "--yes")
    elif schedule.command != "up":
        ground.prepare(*name, "up", "--yes")
    return *name, *ARGUMENTS[schedule.command]


def _moment(ground: City | Theatre, schedule: Schedule, requests: Requests) -> tuple[Callable[[], bool], Callable[[], None]]:
    """Tells when the signal is due: after so many requests, or while a job runs; and what lets the job go on afterwards."""
    if not isinstance(ground, Theatre):
        due = int(schedule.moment * COMMANDS[schedule.command][0])
        return lambda: requests.count() >= due, lambda: None
    stage, making, removing = ground.stage, COMMANDS["up"][0], COMMANDS["down"][0]
    if schedule.moment < MAKING:
        due = int(schedule.moment / MAKING * making)
    elif schedule.moment > WORKING:
        due = making + int((schedule.moment - WORKING) / (1 - WORKING) * removing)
    else:
        jobs = len(stage.submitted) + int((schedule.moment - MAKING) / (WORKING - MAKING) * JOBS) + 1
        if schedule.signal != "none":
            stage.hold = lambda spec: len(stage.submitted) >= jobs
        return lambda: len(stage.submitted) >= jobs, lambda: setattr(stage, "hold", lambda spec: False)
    return lambda: requests.count() >= due, lambda: None


def _end_of(process: "subprocess.Popen[str]") -> tuple[str, str, bool]:
    try:
        return *process.communicate(timeout=PATIENCE), False
    except subprocess.TimeoutExpired:
        kill_family(process)
        return *process.communicate(), True


def _let_orphans_end(ground: Ground, name: str) -> None:
    """A Terraform that outlived its command ends with its next word; what Azure has begun goes on by itself."""
    last = -1
    requests = Requests(ground, name)

    def quiet() -> bool:
        nonlocal last
        seen = requests.count()
        still, last = seen == last, seen
        if not still:
            time.sleep(0.5)
        return still

    settled(ground, quiet)


def _let_the_deadline_pass(ground: City | Theatre, schedule: Schedule, outcome: Outcome) -> None:
    """The cloud's clock jumps; then only kept data may be left, and what was made before the switch was armed: for the reaper."""
    kept = schedule.command == "down --keep-data"
    ask(lambda: ground.control.post("clock", json={"jump": BEYOND}))
    settled(ground, lambda: not resources(ground, schedule.name))
    left = resources(ground, schedule.name)
    outcome.after_deadline = len(left)
    if clusters := of_kind(left, CLUSTER):
        outcome.broken.append(f"{len(clusters)} clusters outlived the deadline")
    if not left:
        return
    out, err, _ = _end_of(reaper := ground.reap())
    left = resources(ground, schedule.name)
    outcome.after_reaper = len(left)
    if reaper.returncode != 0:
        outcome.broken.append(f"the reaper ended with {reaper.returncode}: {(err or out).strip()[-300:]}")
    elif left and not _keeps_data(json.loads(out), schedule.name, allowed=kept):
        outcome.broken.append(f"{len(left)} resources outlived the deadline and the reaper")


def _keeps_data(reaped: dict[str, list[dict[str, object]]], name: str, *, allowed: bool) -> bool:
    """Whether what is left is data that was to be kept."""
    return allowed and any(one["environment"] == name and one["keeps_data"] for one in reaped["environments"])


def _clean(ground: City | Theatre, schedule: Schedule, outcome: Outcome) -> None:
    """One command on this machine: nothing is left then, here neither."""
    if isinstance(ground, Theatre):
        command: tuple[str, ...] = ("run", str(ground.folder / f"{schedule.name}.toml"), "--remove", "--yes")
        folder = ground.folder / ".aerial-ops" / "experiments" / schedule.name
    else:
        command, folder = ("--env", schedule.name, "down", "--yes"), ground.machine
    out, err, _ = _end_of(process := ground.start(*command))
    left = resources(ground, schedule.name)
    outcome.after_down = len(left)
    if process.returncode != 0 or left:
        outcome.broken.append(
            f"{' '.join(command[:4])} ended with {process.returncode}, {len(left)} left: {(err + out).strip()[-600:]}"
        )
    if (folder / "environments" / schedule.name).exists():
        outcome.broken.append("the environment's folder is still there")
