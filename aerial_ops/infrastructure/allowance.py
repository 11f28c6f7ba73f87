"""How many workers a region's quota and a budget allow."""

from dataclasses import dataclass
from datetime import timedelta

from aerial_ops.errors import InfrastructureError, RefusedError
from aerial_ops.infrastructure.cost import HEADS, Nodes, Rate, rate_of
from aerial_ops.infrastructure.durations import duration_text
from aerial_ops.infrastructure.environments import Description
from aerial_ops.infrastructure.facts import ClusterFacts
from aerial_ops.infrastructure.prices import PriceList

UP, SCALE = "aerial-ops up --workers", "aerial-ops scale"  # commands that take a number of workers


@dataclass(frozen=True)
class Cores:
    """HDInsight cores of a region: in use by others, wanted here for so many workers, allowed."""

    used: int
    heads: int
    workers: int
    of_a_worker: int
    limit: int

    @property
    def wanted(self) -> int:
        """Heads and workers together; ZooKeeper does not count."""
        return self.heads + self.workers * self.of_a_worker

    @property
    def most_workers(self) -> int:
        """The largest number of workers that fits."""
        return max(0, (self.limit - self.used - self.heads) // self.of_a_worker)


def cores_for(described: Description, quota: tuple[int, int], sizes: dict[str, int], cluster: ClusterFacts | None) -> Cores:
    """What `described` needs of the quota (cores in use, cores allowed); those of its own cluster are free for it."""

    def of(size: str) -> int:
        if size.lower() not in sizes:
            raise RefusedError(
                f"HDInsight does not offer the node size {size} in {described.location}.",
                left="Nothing was changed.",
                suggestion="Choose another: AERIAL_OPS_WORKER_SIZE, AERIAL_OPS_HEAD_SIZE",
            )
        return sizes[size.lower()]

    used, limit = quota
    if cluster:
        there = Nodes.of(cluster)
        used -= HEADS * sizes.get(there.head_size.lower(), 0) + there.workers * sizes.get(there.worker_size.lower(), 0)
    return Cores(used, HEADS * of(described.head_size), described.workers, of(described.worker_size), limit)


def fitted(described: Description, cores: Cores, rate: Rate | None, length: timedelta) -> Description:
    """With as many of the workers asked for as quota and, with a `rate`, the budget allow; 1 at least, which may be too many."""
    most = min(described.workers, cores.most_workers)
    if rate and described.max_cost_usd is not None:
        most = min(most, affordable_workers(rate, described.max_cost_usd, length))
    return described.model_copy(update={"workers": max(1, most)})


def affordable_workers(rate: Rate, usd: float, length: timedelta) -> int:
    """The largest number of workers that costs no more than `usd` in that time."""
    none, one = (rate.with_workers(number).usd(length) for number in (0, 1))
    return max(0, int((usd - none) / (one - none) + 1e-9))


def refuse_cores(cores: Cores, described: Description, command: str) -> None:
    """Raises RefusedError when the region's quota is too small."""
    if cores.used + cores.wanted <= cores.limit:
        return
    largest = cores.most_workers
    fits = f"{largest} workers fit: {command} {largest}\n" if largest else ""
    raise RefusedError(
        f"{described.workers} workers and {HEADS} heads need {cores.wanted} cores; {described.location} has "
        f"{max(0, cores.limit - cores.used)} of {cores.limit} free.",
        left="Nothing was changed.",
        suggestion=f"{fits}More: ask for it in the Azure portal (Quotas, HDInsight), or choose another region.",
        data={"needed": cores.wanted, "used": cores.used, "limit": cores.limit, "most_workers": largest},
    )


def rate_for(nodes: Nodes, location: str, prices: PriceList) -> Rate:
    """What these nodes cost an hour. Raises RefusedError when that is not known: nothing is rented blindly."""
    try:
        return rate_of(nodes, location, prices)
    except InfrastructureError as error:
        raise RefusedError(error.message, left="Nothing was changed.", suggestion=error.suggestion) from error


def refuse_price(rate: Rate, described: Description, length: timedelta) -> None:
    """Raises RefusedError when the deadline is so far away that the limit would be passed."""
    limit, usd = described.max_cost_usd, rate.usd(length)
    if limit is None or usd <= limit:
        return
    affordable = timedelta(hours=limit / rate.usd_per_hour)
    fewer = affordable_workers(rate, limit, length)
    or_fewer = f"Or {fewer} workers: --workers {fewer}. " if fewer else ""
    raise RefusedError(
        f"The cluster costs {rate.usd_per_hour:.2f} $/h, {usd:.2f} $ until the deadline; {limit:.2f} $ are allowed.",
        left="Nothing was changed.",
        suggestion=f"For {limit:.2f} $ it may live {duration_text(affordable)}: --ttl. {or_fewer}Or allow more: --max-cost.",
        data={"usd_per_hour": rate.usd_per_hour, "usd_until_deadline": usd, "max_cost_usd": limit},
    )
