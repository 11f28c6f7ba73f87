"""What must hold after a schedule, whatever happened: each broken promise as a sentence."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos.schedule import Schedule

CLUSTER, LINK, SCHEDULE, ACCOUNT = (
    "microsoft.hdinsight/clusters",
    "microsoft.automation/automationaccounts/jobschedules",
    "microsoft.automation/automationaccounts/schedules",
    "microsoft.storage/storageaccounts",
)
SCALED = 4
Resources = list[dict[str, Any]]


@dataclass
class Outcome:
    """One schedule's end. Counts are resources of its environment; `broken` is empty when everything held."""

    schedule: Schedule
    code: int = 0
    hit: str = ""  # whether the signal and the fault came
    at_once: int = 0
    after_down: int | None = None
    after_deadline: int | None = None
    after_reaper: int | None = None
    seconds: float = 0.0
    broken: list[str] = field(default_factory=list)
    said: str = ""


def of_kind(found: Resources, kind: str) -> Resources:
    """Those of one resource type."""
    return [item for item in found if item["kind"].lower() == kind]


def truth(schedule: Schedule, code: int, signalled: bool, before: Resources, after: Resources, said: str) -> list[str]:
    """What the exit code of a command promises, against what exists."""
    broken = []
    if "Traceback" in said and code >= 0 and _begun(said):
        broken.append("a traceback was shown")
    if "Something unexpected" in said:
        broken.append("the error is one that nobody has thought of")
    same = {item["id"].lower() for item in before} == {item["id"].lower() for item in after}
    if code == 0:
        broken += _done(schedule.command, before, after)
    elif code < 0:
        if not signalled:
            broken.append(f"it died of signal {-code}, which nobody sent")
        elif "SIGKILL" not in schedule.signal and not same:
            broken.append(f"it died of signal {-code} with something changed and no word")
    elif code in (1, 2, 3, 130) and schedule.command != "run" and not same:
        broken.append(f"exit code {code} says that nothing was changed, but {len(before)} resources became {len(after)}")
    elif code in (1, 2, 3, 5) and schedule.command == "run" and after:
        broken.append(f"exit code {code} of a run, but {len(after)} resources are left")
    elif code == 4 and "aerial-ops" not in said:
        broken.append("exit code 4 without a next step")
    elif code not in (1, 2, 3, 4, 5, 130):
        broken.append(f"exit code {code} is none of ours")
    return broken


def _begun(said: str) -> bool:
    """Whether a traceback is the program's. One without a frame of it is Python's own, interrupted while it started."""
    return "KeyboardInterrupt" not in said or re.search(r'File "[^"]*(/bin/aerial-ops"|/aerial_ops/)', said) is not None


def _done(command: str, before: Resources, after: Resources) -> list[str]:
    clusters = of_kind(after, CLUSTER)
    states = [one["properties"]["clusterState"] for one in clusters]
    if command in ("up", "up again"):
        right = states == ["Running"] and of_kind(after, LINK) and _armed(after)
        return [] if right else [f"`up` ended with 0, but clusters are {states}, switch {'' if _armed(after) else 'not '}armed"]
    if command == "scale":
        workers = [role["targetInstanceCount"] for one in clusters for role in _roles(one) if role["name"] == "workernode"]
        return [] if workers == [SCALED] else [f"`scale` ended with 0, but there are {workers} workers"]
    if command == "extend":
        return [] if _fires(after) > _fires(before) else ["`extend` ended with 0, but the switch fires when it did"]
    if command == "down --keep-data":
        right = not clusters and len(of_kind(after, ACCOUNT)) == 1
        return (
            [] if right else [f"`down --keep-data` ended with 0, but {len(clusters)} clusters and {len(after)} resources exist"]
        )
    return [f"`{command}` ended with 0, but {len(after)} resources are left"] if after else []


def complete(told: str, folder: Path, code: int) -> list[str]:
    """A run's result: whole when the code is 0, told to be partial when it is 5, never partial in silence."""
    broken = []
    if code == 0:
        result = json.loads(told)
        kinds, scored = [run["kind"] for run in result["runs"]], result["runs"][-1]
        counts, tiles = scored["counts"]["tiles"], sum(scored["predicted"].values())
        whole = counts["used"] == tiles == counts["listed"] - counts["rejected"] and kinds == ["train", "train", "score"]
        if not whole or result["failed"]:
            broken.append(f"exit code 0 of a run with {kinds}, {tiles} tiles of {counts}, failures {result['failed']}")
    report = folder / "report.html"
    if code in (0, 5) and not report.exists():
        broken.append(f"exit code {code} of a run without a report")
    if report.exists():
        page = report.read_text()
        if code == 5 and "failed" not in page:
            broken.append("the report does not say that a training failed")
        if not page.rstrip().endswith("</html>"):
            broken.append("the report is cut off")
    return broken


def _armed(found: Resources) -> bool:
    return any(one["properties"].get("isEnabled", True) for one in of_kind(found, SCHEDULE))


def _fires(found: Resources) -> str:
    return max((str(one["properties"]["startTime"]) for one in of_kind(found, SCHEDULE)), default="")


def _roles(cluster: dict[str, Any]) -> list[dict[str, Any]]:
    roles: list[dict[str, Any]] = cluster["properties"]["computeProfile"]["roles"]
    return roles
