"""What an environment costs: the estimate before, what has accrued, the bill after.

Azure bills every node of a cluster by the minute, from the order until the cluster is gone, whatever state it is in. The storage
account (a few cents a day for the kit's data) is not counted.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from aerial_ops.infrastructure.facts import ClusterFacts
from aerial_ops.infrastructure.journal import Entry
from aerial_ops.infrastructure.prices import NodePrice, PriceList

HEADS, ZOOKEEPERS = 2, 3
WORKER = "worker"
ZOOKEEPER_SIZE = "Standard_A2_V2"
CLUSTER, SCALE, BILL = "make the cluster", "scale the cluster", "the cluster's bill"  # steps of the journal that money depends on


@dataclass(frozen=True)
class Nodes:
    """The nodes of a cluster: how many workers, and the sizes."""

    workers: int
    worker_size: str
    head_size: str

    def counts(self) -> list[tuple[str, str, int]]:
        """Role, size and number."""
        return [
            ("head", self.head_size, HEADS),
            (WORKER, self.worker_size, self.workers),
            ("ZooKeeper", ZOOKEEPER_SIZE, ZOOKEEPERS),
        ]

    @classmethod
    def of(cls, facts: ClusterFacts) -> "Nodes":
        """Those of a cluster that exists."""
        return cls(facts.workers, facts.sizes.get("workernode", ""), facts.sizes.get("headnode", ""))


@dataclass(frozen=True)
class Rate:
    """What a cluster costs an hour. `lines` are role, number and price of each kind of node."""

    lines: tuple[tuple[str, int, NodePrice], ...]

    @property
    def usd_per_hour(self) -> float:
        """All nodes together."""
        return sum(count * price.usd_per_hour for _, count, price in self.lines)

    @property
    def listed_on(self) -> date:
        """The date of the oldest price in it."""
        return min(price.listed_on for _, _, price in self.lines)

    @property
    def source(self) -> str:
        """Where the prices are from: "price list", or "kept price" when one of them was not read today."""
        return "kept price" if any(price.source == "kept price" for _, _, price in self.lines) else "price list"

    def usd(self, length: timedelta) -> float:
        """What that long costs; a minute begun counts as a whole one."""
        return paid_minutes(length.total_seconds()) / 60 * self.usd_per_hour

    def with_workers(self, workers: int) -> "Rate":
        """What the same cluster with another number of workers costs."""
        return Rate(tuple((role, workers if role == WORKER else count, price) for role, count, price in self.lines))

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "usd_per_hour": round(self.usd_per_hour, 4),
            "listed_on": self.listed_on.isoformat(),
            "source": self.source,
            "nodes": [
                {"role": role, "size": price.size, "count": count, "usd_per_hour": price.usd_per_hour}
                for role, count, price in self.lines
            ],
        }


def paid_minutes(seconds: float) -> int:
    """The minutes that are paid for so long: one begun counts whole, but not what floating-point sums are off by."""
    return math.ceil(round(seconds / 60, 6))


def rate_of(nodes: Nodes, location: str, prices: PriceList) -> Rate:
    """What these nodes cost an hour. Raises InfrastructureError when the price of one is not known."""
    known: dict[str, NodePrice] = {}
    for _, size, _ in nodes.counts():
        if size not in known:
            known[size] = prices.node(size, location)
    return Rate(tuple((role, count, known[size]) for role, size, count in nodes.counts()))


def changes_of(journal: Sequence[Entry], event: str = "done") -> tuple[tuple[datetime, int], ...]:
    """Moments at which `up` or `scale` gave a cluster another size, each with the workers until then."""
    found, before = [], None
    for entry in journal:
        if entry.event == event and entry.what in (CLUSTER, SCALE):
            was, workers = entry.details.get("was", before), entry.details["workers"]
            if was not in (None, workers):
                found.append((entry.at, int(was)))
            before = workers
    return tuple(found)


@dataclass(frozen=True)
class Life:
    """A cluster from its order on. `nodes` are those at the end; `changes` are moments, each with the workers until then."""

    created_at: datetime
    nodes: Nodes
    changes: tuple[tuple[datetime, int], ...] = ()

    @classmethod
    def of(cls, cluster: ClusterFacts, journal: Sequence[Entry]) -> "Life":
        """That of a cluster that exists, its changes of size as the journal tells them."""
        start = cluster.created_at or datetime.now(UTC)
        return cls(start, Nodes.of(cluster), changes_of([entry for entry in journal if entry.at > start]))

    def usd(self, location: str, prices: PriceList, until: datetime) -> float:
        """What it has cost until then; a minute begun counts as a whole one, at the rate of the end."""
        whole = (until - self.created_at).total_seconds()
        begun = paid_minutes(whole) * 60 - whole
        more = max(begun, 0.0) / 3600 * rate_of(self.nodes, location, prices).usd_per_hour
        return self.usd_by_second(location, prices, until) + more

    def usd_by_second(self, location: str, prices: PriceList, until: datetime) -> float:
        """What it would have cost until then if nothing were rounded: each span between two changes at its own rate."""
        moments = [self.created_at, *(at for at, _ in self.changes), until]
        sizes = [*(workers for _, workers in self.changes), self.nodes.workers]
        usd = 0.0
        for start, end, workers in zip(moments, moments[1:], sizes, strict=False):
            rate = rate_of(replace(self.nodes, workers=workers), location, prices)
            usd += max((end - start).total_seconds(), 0.0) / 3600 * rate.usd_per_hour
        return usd


def accrued(cluster: ClusterFacts, journal: Sequence[Entry], location: str, prices: PriceList, now: datetime) -> float:
    """What a cluster that exists has cost until `now`."""
    return Life.of(cluster, journal).usd(location, prices, now) if cluster.created_at else 0.0


def billed(journal: Sequence[Entry]) -> float:
    """What clusters that are gone have cost, as the journal noted it when they went."""
    return sum(float(entry.details["usd"]) for entry in journal if entry.what == BILL)


def bills_since(journal: Sequence[Entry], moment: datetime) -> list[Entry]:
    """The bills of the clusters that were ordered since `moment` of this machine's clock."""
    found = []
    for entry in journal:
        if entry.what == BILL:
            covered = journal[: int(entry.details.get("covers", 0))]
            orders = [one for one in covered if (one.event, one.what) == ("begun", CLUSTER)]
            if (orders[-1] if orders else entry).at >= moment:
                found.append(entry)
    return found
