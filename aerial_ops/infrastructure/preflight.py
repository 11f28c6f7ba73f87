"""What is checked before anything is made: the sign-in, names, the region's quota, the price."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from aerial_ops.errors import RefusedError
from aerial_ops.infrastructure.allowance import UP, Cores, cores_for, fitted, rate_for, refuse_cores, refuse_price
from aerial_ops.infrastructure.cost import Nodes, Rate
from aerial_ops.infrastructure.environments import Description
from aerial_ops.infrastructure.facts import ClusterFacts, Found
from aerial_ops.infrastructure.site import Site


@dataclass(frozen=True)
class Checked:
    """What the checks found, and the environment they are good for. `rate` is None when prices were not asked for."""

    described: Description
    subscription: str
    found: tuple[Found, ...]
    cluster: ClusterFacts | None
    cores: Cores | None
    rate: Rate | None
    notes: tuple[str, ...] = field(default=())


def nodes_of(described: Description) -> Nodes:
    """The nodes that an environment asks for."""
    return Nodes(described.workers, described.worker_size, described.head_size)


def check(
    site: Site, described: Description, *, with_cluster: bool, with_price: bool, fit: bool = False, command: str = UP
) -> Checked:
    """Everything at once. With `fit`, the number of workers asked for is the most, and is made smaller where it must be.

    `command` takes another number of workers. Raises RefusedError for what Azure or the budget would not allow,
    and when a price is not known; InfrastructureError for the rest.
    """
    plane, location, asked = site.plane, described.location, described.workers
    tasks: dict[str, Callable[[], Any]] = {
        "subscription": plane.signed_in_as,
        "found": lambda: tuple(plane.inventory(described.name)),
        "cluster": lambda: plane.cluster(described.resource_group, described.cluster),
        "name": lambda: plane.storage_name_problem(described.storage_account),
    }
    if with_cluster:
        tasks |= {"quota": lambda: plane.cores(location), "sizes": lambda: plane.cores_of(location)}
    if with_cluster and with_price:
        tasks["rate"] = lambda: rate_for(nodes_of(described), location, site.prices)
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
    rate: Rate | None = answers.get("rate")
    notes = (
        [f"The price list cannot be reached; the prices are of {rate.listed_on}."] if rate and rate.source == "kept price" else []
    )
    cores = cores_for(described, answers["quota"], answers["sizes"], answers["cluster"]) if with_cluster else None
    length = described.deadline - site.now()
    if cores and fit:
        described = fitted(described, cores, rate, length)
        cores, rate = replace(cores, workers=described.workers), rate.with_workers(described.workers) if rate else None
        notes.append(f"Workers: {described.workers}, the most up to {asked} that quota and budget allow.")
    if cores:
        refuse_cores(cores, described, command)
    if rate:
        refuse_price(rate, described, length)
    return Checked(described, answers["subscription"], answers["found"], answers["cluster"], cores, rate, tuple(notes))
