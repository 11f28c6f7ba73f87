"""What an environment costs an hour, until its deadline, and so far; before it exists, what it would cost."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aerial_ops.infrastructure.billing import lost
from aerial_ops.infrastructure.cost import Rate, accrued, billed, rate_of
from aerial_ops.infrastructure.description import UpOrder, wanted
from aerial_ops.infrastructure.durations import iso
from aerial_ops.infrastructure.preflight import nodes_of
from aerial_ops.infrastructure.site import Site


@dataclass(frozen=True)
class Account:
    """`rate` is for the asked or existing nodes; `usd_so_far` counts all clusters the environment has had."""

    environment: str
    exists: bool
    rate: Rate
    deadline: datetime
    usd_so_far: float
    usd_to_come: float  # from now until the deadline, if the cluster stays

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "environment": self.environment,
            "exists": self.exists,
            "price": self.rate.as_dict(),
            "deadline": iso(self.deadline),
            "usd_so_far": round(self.usd_so_far, 4),
            "usd_to_come": round(self.usd_to_come, 4),
        }


def account(site: Site, workers: int | None = None, ttl: timedelta | None = None) -> Account:
    """The environment's account; `workers` and `ttl` ask what another size or life would cost."""
    site.cloud.open(site.report)
    described = wanted(site, UpOrder(workers=workers, ttl=ttl))
    cluster = site.plane.cluster(described.resource_group, described.cluster)
    if cluster and workers is None:
        described = described.model_copy(update={"workers": cluster.workers})
    rate, now = rate_of(nodes_of(described), described.location, site.prices), site.now()
    journal = site.environment.journal.entries()
    so_far = billed(journal) + (
        accrued(cluster, journal, described.location, site.prices, now) if cluster else lost(site, described)
    )
    to_come = rate.usd(described.deadline - now)
    return Account(described.name, cluster is not None, rate, described.deadline, so_far, to_come)
