"""What exists, what it has cost, and when it goes. Azure is asked, not Terraform."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from aerial_ops.errors import AerialOpsError
from aerial_ops.infrastructure.billing import lost
from aerial_ops.infrastructure.cost import Nodes, Rate, accrued, billed, rate_of
from aerial_ops.infrastructure.description import found_by_tags
from aerial_ops.infrastructure.durations import iso
from aerial_ops.infrastructure.environments import Description
from aerial_ops.infrastructure.facts import ClusterFacts, Found, SwitchFacts
from aerial_ops.infrastructure.site import Site

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Status:
    """One environment now. `usd` is what its clusters have cost so far; `notes` are what is not right or not known."""

    environment: str
    described: Description | None
    found: tuple[Found, ...]
    strangers: tuple[Found, ...]
    cluster: ClusterFacts | None
    switch: SwitchFacts | None
    rate: Rate | None
    usd: float | None
    now: datetime
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready; without secrets."""
        cluster, switch, deadline = self.cluster, self.switch, self.described.deadline if self.described else None
        return {
            "environment": self.environment,
            "exists": bool(self.found),
            "location": self.described.location if self.described else None,
            "resources": [{"id": one.id, "name": one.name, "type": one.type} for one in self.found],
            "strangers": [one.id for one in self.strangers],
            "cluster": {
                "name": cluster.name,
                "state": cluster.state,
                "workers": cluster.workers,
                "created_at": iso(cluster.created_at) if cluster.created_at else None,
                "errors": list(cluster.errors),
            }
            if cluster
            else None,
            "deadline": iso(deadline) if deadline else None,
            "keeps_data": self.described.keep_data if self.described else None,
            "switch": {
                "armed": switch.armed,
                "fires_at": iso(switch.fires_at) if switch.fires_at else None,
                "problem": switch.problem,
            }
            if switch
            else None,
            "usd_per_hour": self.rate.usd_per_hour if self.rate and cluster else 0.0,
            "price": self.rate.as_dict() if self.rate else None,
            "usd_so_far": round(self.usd, 4) if self.usd is not None else None,
            "notes": list(self.notes),
        }


def status(site: Site) -> Status:
    """Everything that is known of the environment."""
    site.cloud.open(site.report)
    described = site.environment.description() or found_by_tags(site)
    name, now, notes = site.environment.name, site.now(), []
    if described is None:
        return Status(name, None, (), (), None, None, None, 0.0, now, ())
    group, plane = described.resource_group, site.plane
    found, strangers, clusters, switch = _together(
        lambda: tuple(plane.inventory(name)),
        lambda: tuple(plane.strangers(group, name)),
        lambda: plane.clusters(group),
        lambda: plane.switch(group, site.switch_account),
    )
    switch = switch.held_to(described.deadline)
    cluster = next((one for one in clusters if one.name.lower() == described.cluster.lower()), None)
    rate, usd = None, None
    journal = site.environment.journal
    try:
        usd = billed(journal.entries())
        if cluster:
            rate = rate_of(Nodes.of(cluster), described.location, site.prices)
            usd += accrued(cluster, journal.entries(), described.location, site.prices, now)
        else:
            usd += lost(site, described)
    except AerialOpsError as error:
        usd = None
        notes.append(f"The cost is not known: {error.message}")
    unfinished = journal.unfinished()
    if unfinished and unfinished.owner_is_dead:
        notes.append(f"A command was killed while it was to {unfinished.what} ({unfinished.at:%Y-%m-%d %H:%M} UTC).")
    if found and not switch.armed:
        notes.append(f"The dead man's switch is not armed: {switch.problem}. Arm it: aerial-ops up --data-only")
    return Status(name, described, found, strangers, cluster, switch if found else None, rate, usd, now, tuple(notes))


def _together(*tasks: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(len(tasks)) as pool:
        return [running.result() for running in [pool.submit(task) for task in tasks]]
