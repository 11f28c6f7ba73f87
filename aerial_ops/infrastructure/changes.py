"""Change what exists: the number of workers, the deadline."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from aerial_ops.errors import RefusedError, UsageError
from aerial_ops.infrastructure import layers
from aerial_ops.infrastructure.allowance import SCALE as SCALE_COMMAND
from aerial_ops.infrastructure.allowance import rate_for, refuse_price
from aerial_ops.infrastructure.bootstrap import script_url
from aerial_ops.infrastructure.connecting import ensure_connected, recall_passwords, resized, store_of
from aerial_ops.infrastructure.cost import SCALE, Rate
from aerial_ops.infrastructure.description import known
from aerial_ops.infrastructure.durations import iso
from aerial_ops.infrastructure.environments import Description
from aerial_ops.infrastructure.interruption import explained, until_signal
from aerial_ops.infrastructure.locks import planned
from aerial_ops.infrastructure.preflight import check, nodes_of
from aerial_ops.infrastructure.site import COMPUTE, DATA, Site
from aerial_ops.infrastructure.terraform import Plan, Terraform


@dataclass(frozen=True)
class Changed:
    """The environment after the change; `was` is what it was before."""

    described: Description
    was: Description
    rate: Rate | None


def scale(site: Site, workers: int, *, check_price: bool = True) -> Changed:
    """Give the cluster `workers` workers. Raises RefusedError when quota or budget do not allow it."""
    with until_signal(), site.changing():
        was = _existing(site)
        described = was.model_copy(update={"workers": workers})
        checked = check(site, described, with_cluster=True, with_price=check_price, command=SCALE_COMMAND)
        if checked.cluster is None:
            raise UsageError(
                f"The environment {was.name!r} has no cluster.", suggestion=f"Make one: aerial-ops up --workers {workers}"
            )
        compute, plan = _compute_plan(site, described, site.layer(DATA), checked.rate)
        with explained(f"the cluster {described.cluster} was being scaled", checked.rate):
            if not plan.is_empty:
                with site.environment.journal.step(SCALE, was=checked.cluster.workers, workers=workers):
                    compute.apply(plan)
            site.environment.describe(described)
            resized(site, checked.rate.usd_per_hour if checked.rate else None)
    return Changed(described, was, checked.rate)


def extend(site: Site, length: timedelta, *, check_price: bool = True) -> Changed:
    """Move the deadline by `length`: the switch first, then the tags and what this machine knows."""
    with until_signal(), site.changing():
        was = _existing(site)
        return _moved(site, was, max(was.deadline, _now(site)) + length, check_price=check_price)


def shorten(site: Site, length: timedelta) -> Changed:
    """Let the environment live so long from now, everywhere as `extend` does; a deadline that is nearer stays."""
    with until_signal(), site.changing():
        was, deadline = _existing(site), _now(site) + length
        return _moved(site, was, deadline, check_price=False) if deadline < was.deadline else Changed(was, was, None)


def _now(site: Site) -> datetime:
    return site.now().replace(microsecond=0)


def _moved(site: Site, was: Description, deadline: datetime, *, check_price: bool) -> Changed:
    described = was.model_copy(update={"deadline": deadline})
    cluster = site.plane.cluster(was.resource_group, was.cluster)
    rate = rate_for(nodes_of(described), described.location, site.prices) if cluster and check_price else None
    if rate:
        refuse_price(rate, described, described.deadline - _now(site))
    data = site.layer(DATA)
    plan = planned(site, data, layers.data_variables(described, site.settings))
    if any(change.action == "create" for change in plan.changes):
        plan.discard()
        raise RefusedError(
            f"Parts of the environment {was.name!r} are gone; to move its deadline would make them again.",
            left="Nothing was changed.",
            suggestion="See what exists: aerial-ops status. Bring it up again: aerial-ops up",
        )
    with (
        explained(f"the deadline of {was.name} was being moved", rate),
        site.environment.journal.step("move the deadline", to=iso(described.deadline)),
    ):
        if not plan.is_empty:
            data.apply(plan)
        site.environment.describe(described)
        if cluster:
            compute, tags = _compute_plan(site, described, data, rate)
            if not tags.is_empty:
                compute.apply(tags)
    return Changed(described, was, rate)


def _existing(site: Site) -> Description:
    described = known(site)
    if described is None:
        raise UsageError(f"There is no environment {site.environment.name!r}.", suggestion="Make it: aerial-ops up")
    return described


def _compute_plan(site: Site, described: Description, data: Terraform, rate: Rate | None) -> tuple[Terraform, Plan]:
    """A plan of the compute layer that changes what is there and replaces nothing."""
    compute = site.layer(COMPUTE)
    recall_passwords(site, compute)
    outputs = data.outputs()
    ensure_connected(site, outputs, compute, rate.usd_per_hour if rate else None)
    url = script_url(store_of(site), described)
    variables = layers.compute_variables(described, site.environment, outputs, url)
    plan = planned(site, compute, variables)
    if not plan.is_empty and any(change.action != "update" for change in plan.changes):
        plan.discard()
        raise RefusedError(
            "This change would replace the cluster, or make a new one.",
            left="The cluster was not changed.",
            suggestion="Bring the environment in order first: aerial-ops up",
        )
    return compute, plan
