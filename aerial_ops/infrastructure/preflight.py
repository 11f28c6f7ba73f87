"""What is checked before anything is made: the sign-in, names, the region's quota, the price."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aerial_ops.errors import RefusedError
from aerial_ops.infrastructure.cost import HEADS, Nodes, Rate, rate_of
from aerial_ops.infrastructure.durations import duration_text
from aerial_ops.infrastructure.environments import Description
from aerial_ops.infrastructure.facts import ClusterFacts, Found
from aerial_ops.infrastructure.site import Site


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


@dataclass(frozen=True)
class Checked:
    """What the checks found. `rate` is None when prices were not asked for."""

    subscription: str
    found: tuple[Found, ...]
    cluster: ClusterFacts | None
    cores: Cores | None
    rate: Rate | None
    notes: tuple[str, ...] = field(default=())


def nodes_of(described: Description) -> Nodes:
    """The nodes that an environment asks for."""
    return Nodes(described.workers, described.worker_size, described.head_size)


def check(site: Site, described: Description, *, with_cluster: bool, with_price: bool) -> Checked:
    """Everything at once. Raises RefusedError for what Azure or the budget would not allow, InfrastructureError for the rest."""
    plane, location = site.plane, described.location
    tasks: dict[str, Callable[[], Any]] = {
        "subscription": plane.signed_in_as,
        "found": lambda: tuple(plane.inventory(described.name)),
        "cluster": lambda: plane.cluster(described.resource_group, described.cluster),
        "name": lambda: plane.storage_name_problem(described.storage_account),
    }
    if with_cluster:
        tasks |= {"quota": lambda: plane.cores(location), "sizes": lambda: plane.cores_of(location)}
    if with_cluster and with_price:
        tasks["rate"] = lambda: rate_of(nodes_of(described), location, site.prices)
    with ThreadPoolExecutor(len(tasks)) as pool:
        running = {name: pool.submit(task) for name, task in tasks.items()}
        answers = {name: task.result() for name, task in running.items()}
    ours = {one.name for one in answers["found"]}
    if answers["name"] and described.storage_account not in ours:
        raise RefusedError(
            f"The storage account cannot be called {described.storage_account}: {answers['name']}",
            left="Nothing was changed.",
            suggestion="Run the command again: another name is made.",
        )
    cores = _cores(described, answers["quota"], answers["sizes"], answers["cluster"]) if with_cluster else None
    rate = answers.get("rate")
    notes = (
        (f"The price list cannot be reached; the prices are of {rate.listed_on}.",)
        if rate and rate.source == "kept price"
        else ()
    )
    if cores:
        refuse_cores(cores, described)
    if rate:
        refuse_price(rate, described, described.deadline - site.now())
    return Checked(answers["subscription"], answers["found"], answers["cluster"], cores, rate, notes)


def _cores(described: Description, quota: tuple[int, int], sizes: dict[str, int], cluster: ClusterFacts | None) -> Cores:
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
    each = of(described.worker_size)
    return Cores(used, HEADS * of(described.head_size), described.workers, each, limit)


def refuse_cores(cores: Cores, described: Description) -> None:
    """Raises RefusedError when the region's quota is too small."""
    if cores.used + cores.wanted <= cores.limit:
        return
    largest = cores.most_workers
    fits = f"{largest} workers fit: --workers {largest}\n" if largest else ""
    raise RefusedError(
        f"{described.workers} workers and {HEADS} heads need {cores.wanted} cores; {described.location} has "
        f"{max(0, cores.limit - cores.used)} of {cores.limit} free.",
        left="Nothing was changed.",
        suggestion=f"{fits}More: ask for it in the Azure portal (Quotas, HDInsight), or choose another region.",
        data={"needed": cores.wanted, "used": cores.used, "limit": cores.limit, "most_workers": largest},
    )


def refuse_price(rate: Rate, described: Description, length: timedelta) -> None:
    """Raises RefusedError when the deadline is so far away that the limit would be passed."""
    limit, usd = described.max_cost_usd, rate.usd(length)
    if limit is None or usd <= limit:
        return
    affordable = timedelta(hours=limit / rate.usd_per_hour)
    raise RefusedError(
        f"The cluster costs {rate.usd_per_hour:.2f} $/h, {usd:.2f} $ until the deadline; {limit:.2f} $ are allowed.",
        left="Nothing was changed.",
        suggestion=f"For {limit:.2f} $ it may live {duration_text(affordable)}: --ttl. Or fewer workers, or more: --max-cost.",
        data={"usd_per_hour": rate.usd_per_hour, "usd_until_deadline": usd, "max_cost_usd": limit},
    )
