"""What Azure tells of resources, clusters and the dead man's switch, in the kit's words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

ENVIRONMENT_TAG = "aerial-ops:environment"
EXPIRES_TAG, KEEP_TAG, OWNER_TAG, RUN_TAG = (f"aerial-ops:{what}" for what in ("expires-at", "keep-data", "owner", "run"))
CLUSTER_TYPE = "Microsoft.HDInsight/clusters"
PUNCTUAL = timedelta(minutes=1)  # a switch that fires within that of the deadline fires at it


@dataclass(frozen=True)
class Found:
    """Something that exists in Azure. `environment` is the value of our tag, empty when it has none."""

    id: str
    name: str
    type: str
    group: str
    environment: str
    tags: dict[str, str]
    location: str = ""

    def tag(self, wanted: str) -> str:
        """A tag's value, empty without it; names of tags are the same in large and small letters."""
        return next((value for name, value in self.tags.items() if name.lower() == wanted), "")


@dataclass(frozen=True)
class ClusterFacts:
    """A cluster: its state in HDInsight's words, worker nodes, and what Azure says is wrong with it."""

    id: str
    name: str
    state: str
    workers: int
    sizes: dict[str, str]
    created_at: datetime | None
    errors: tuple[str, ...]
    provisioning: str = ""
    autoscale: tuple[int, int] | None = None  # the fewest and the most workers that Azure may choose by itself

    @property
    def is_changing(self) -> bool:
        """Whether it is being made, changed or removed: it will be in another state by itself."""
        return self.provisioning in ("InProgress", "Deleting")

    @property
    def is_going(self) -> bool:
        """Whether it is being removed."""
        return "Deleting" in (self.state, self.provisioning)

    @property
    def has_failed(self) -> bool:
        """Whether something went wrong with it, and nothing goes on any more."""
        return not self.is_going and not self.is_changing and (self.state == "Error" or self.provisioning == "Failed")

    @property
    def works(self) -> bool:
        """Whether jobs can run on it."""
        return self.state == "Running"


@dataclass(frozen=True)
class GroupFacts:
    """A resource group while it is to be removed; Azure tells nothing of why it was not."""

    is_going: bool
    errors: tuple[str, ...] = ()

    @property
    def has_failed(self) -> bool:
        """Whether nothing goes on with it, although it is there."""
        return not self.is_going


@dataclass(frozen=True)
class SwitchFacts:
    """The dead man's switch: whether it will fire, when, and what is wrong with it when it will not."""

    armed: bool
    fires_at: datetime | None
    problem: str = ""

    def held_to(self, deadline: datetime) -> "SwitchFacts":
        """The same, not armed when it fires at another time than the deadline."""
        if not self.armed or (self.fires_at and abs(self.fires_at - deadline) <= PUNCTUAL):
            return self
        fires = f"at {self.fires_at:%Y-%m-%d %H:%M} UTC" if self.fires_at else "at no time"
        return SwitchFacts(False, self.fires_at, f"it fires {fires}, not at the deadline, {deadline:%Y-%m-%d %H:%M} UTC")


def found_of(one: Any) -> Found:
    """From a resource or a group of the SDK."""
    tags = {str(key): str(value) for key, value in (one.tags or {}).items()}
    parts = str(one.id).split("/")
    is_group = len(parts) == 5
    found = Found(
        id=str(one.id),
        name=str(one.name),
        type="group" if is_group else str(one.type),
        group=parts[4],
        environment="",
        tags=tags,
        location=str(one.location or ""),
    )
    return replace(found, environment=found.tag(ENVIRONMENT_TAG))


def deadline_of(found: Iterable[Found]) -> datetime | None:
    """The latest of the deadlines that parts of an environment carry; None when none can be read."""
    return max((moment for one in found if (moment := _moment(one.tag(EXPIRES_TAG)))), default=None)


def keeps_data(found: Iterable[Found]) -> bool:
    """Whether the data of an environment outlives its deadline."""
    return any(one.tag(KEEP_TAG).lower() == "true" for one in found)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def cluster_of(found: Any) -> ClusterFacts:
    """From a cluster of the SDK."""
    properties = found.properties
    roles = {role.name: role for role in properties.compute_profile.roles or []}
    created = properties.created_date
    return ClusterFacts(
        id=str(found.id),
        name=str(found.name),
        state=str(properties.cluster_state or properties.provisioning_state or "unknown"),
        workers=int(roles["workernode"].target_instance_count or 0) if "workernode" in roles else 0,
        sizes={name: str(role.hardware_profile.vm_size) for name, role in roles.items() if role.hardware_profile},
        created_at=_utc(created) if created else None,
        errors=tuple(f"{error.code}: {error.message}" for error in properties.errors or []),
        provisioning=str(properties.provisioning_state or ""),
        autoscale=_autoscale(roles["workernode"]) if "workernode" in roles else None,
    )


def _autoscale(workers: Any) -> tuple[int, int] | None:
    rules = workers.autoscale_configuration
    if rules is None:
        return None
    limits = [rules.capacity] if rules.capacity else []
    limits += [one.time_and_capacity for one in (rules.recurrence.schedule or [] if rules.recurrence else [])]
    if not limits:
        return None
    return min(int(one.min_instance_count) for one in limits), max(int(one.max_instance_count) for one in limits)


def _utc(text: str) -> datetime:
    """HDInsight writes its moments in UTC without saying so."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def switch_of(schedules: Sequence[Any], links: Sequence[Any], has_right: bool) -> SwitchFacts:
    """From the schedules and links of an Automation account, and whether its identity has a role in the group."""
    linked = {link.properties.schedule.name for link in links if link.properties.schedule and link.properties.runbook}
    if not schedules:
        return SwitchFacts(False, None, "it has no schedule")
    schedule = schedules[0]
    fires_at, enabled = schedule.properties.next_run or schedule.properties.start_time, bool(schedule.properties.is_enabled)
    if schedule.name not in linked:
        problem = "no runbook is linked to its schedule"
    elif not enabled:
        problem = "it has fired, or was turned off"
    else:
        problem = "" if has_right else "its identity has no role in the group, so that it may not remove anything"
    return SwitchFacts(not problem, fires_at, problem)
