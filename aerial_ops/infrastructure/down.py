"""Remove an environment and prove it: plan, list, approve, apply exactly that, then ask Azure until nothing is left.

Reads top to bottom. Terraform goes first, because it knows the order; what it does not know, or cannot do, is then found by the
environment's tag and deleted through Azure's control plane. What does not carry the tag is never touched.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from aerial_ops.errors import AerialOpsError, LeftBehindError, RefusedError
from aerial_ops.infrastructure import layers
from aerial_ops.infrastructure.approval import Approve, Proposal, allow, discarding
from aerial_ops.infrastructure.billing import billing, settle
from aerial_ops.infrastructure.connecting import without_cluster
from aerial_ops.infrastructure.cost import billed
from aerial_ops.infrastructure.deletion import Deletion
from aerial_ops.infrastructure.description import SHORTEST, found_by_tags
from aerial_ops.infrastructure.environments import Description
from aerial_ops.infrastructure.facts import Found
from aerial_ops.infrastructure.interruption import explained, until_signal, was_interrupted
from aerial_ops.infrastructure.locks import planned
from aerial_ops.infrastructure.removal import prove_empty, sweep, sweep_clusters
from aerial_ops.infrastructure.site import COMPUTE, DATA, Site
from aerial_ops.infrastructure.terraform import Plan, Terraform


@dataclass(frozen=True)
class DownOrder:
    """`keep_data`: only the cluster goes. `force`: Terraform is not asked. `unlock`: break the lock of a command that is dead."""

    keep_data: bool = False
    force: bool = False
    unlock: bool = False


@dataclass(frozen=True)
class Removed:
    """What `down` has removed, by name, and what Azure was asked afterwards. `usd` is what all clusters have cost."""

    environment: str
    names: tuple[str, ...]
    kept_data: bool
    usd: float
    left: int = 0  # what still carries the tag, as an independent listing says; not 0 only with the data kept

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "environment": self.environment,
            "removed": list(self.names),
            "kept_data": self.kept_data,
            "left": self.left,
            "usd": round(self.usd, 4),
        }


def down(site: Site, order: DownOrder = DownOrder(), approve: Approve = allow) -> Removed:
    """Remove the environment, or its cluster only.

    Raises RefusedError before anything is removed; LeftBehindError, with a list, when something is left.
    """
    with until_signal(), site.changing():
        described = site.environment.description() or found_by_tags(site)
        if described is None:
            return _nothing_left(site, None)
        compute, data, found = _plans(site, order, described)
        plans = [layer.plan for layer in (compute, data) if layer]
        with discarding(*plans):
            if not found and site.plane.group(described.resource_group) is None:
                return _nothing_left(site, described)
            _ask(site, described, order, plans, found, approve)
        with (
            discarding(*plans),
            explained(f"the environment {described.name} was being removed", None),
            site.environment.journal.step("remove the cluster" if order.keep_data else "remove everything"),
        ):
            with billing(site, described) as clusters:
                _apply(site, compute, Deletion.of_cluster(site, described, clusters).in_vain)
                sweep_clusters(site)
            without_cluster(site)
            if order.keep_data:
                return _with_data_kept(site, described)
            _apply(site, data, Deletion.of_group(site, described).in_vain)
            sweep(site)
            prove_empty(site, described.resource_group)
        usd = billed(site.environment.journal.entries())
        site.environment.forget()
    return Removed(described.name, tuple(one.name for one in found), False, usd)


def _nothing_left(site: Site, described: Description | None) -> Removed:
    if described:
        settle(site, described)
    usd = billed(site.environment.journal.entries())
    site.environment.forget()
    return Removed(site.environment.name, (), False, usd)


@dataclass(frozen=True)
class _Layer:
    terraform: Terraform
    plan: Plan


def _plans(site: Site, order: DownOrder, described: Description) -> tuple[_Layer | None, _Layer | None, tuple[Found, ...]]:
    """The destroy plans of both layers, and what Azure lists; all at the same time, for they have nothing in common."""
    variables = layers.compute_variables(described, site.environment, {}), layers.data_variables(described, site.settings)
    with ThreadPoolExecutor(2) as pool:
        compute = pool.submit(_plan, site, order, COMPUTE, variables[0])
        data = None if order.keep_data else pool.submit(_plan, site, order, DATA, variables[1])
        found = tuple(site.plane.inventory(described.name))
    return compute.result(), data.result() if data else None, found


def _plan(site: Site, order: DownOrder, root: str, variables: dict[str, Any]) -> _Layer | None:
    """The destroy plan of one layer; None when there is none to make, or Terraform cannot make it."""
    if order.force or not site.may_have_state(root):
        return None
    try:
        terraform = site.layer(root)
        return _Layer(terraform, planned(site, terraform, variables, destroy=True, unlock=order.unlock))
    except RefusedError:
        raise
    except AerialOpsError as error:
        if "lock" in error.data:
            raise
        site.report.note(
            f"Terraform cannot say what it made ({error.message}) What carries the environment's tag goes all the same."
        )
        return None


def _ask(
    site: Site, described: Description, order: DownOrder, plans: list[Plan], found: tuple[Found, ...], approve: Approve
) -> None:
    changes = tuple(change for plan in plans for change in plan.changes)
    strangers = tuple(site.plane.strangers(described.resource_group, described.name))
    if not changes and not found:
        return
    title = f"Remove the cluster of {described.name}?" if order.keep_data else f"Remove the environment {described.name}?"
    approve(Proposal(title, changes, found if not order.keep_data else (), strangers))


def _apply(site: Site, layer: _Layer | None, in_vain: Callable[[], str] = str) -> None:
    """Apply exactly the plan that was approved; what Terraform cannot remove is removed by its tag afterwards."""
    if layer is None or layer.plan.is_empty:
        return
    try:
        layer.terraform.apply(layer.plan, in_vain)
    except LeftBehindError as error:
        if was_interrupted(error):
            raise
        site.report.note(f"{error.message}\nGoing on without Terraform, by the environment's tag.")


def _with_data_kept(site: Site, described: Description) -> Removed:
    """The data outlives the deadline from now on: the switch, still armed, would stop after a cluster."""
    left = site.plane.inventory(described.name)
    clusters = [one for one in left if one.type.lower() == "microsoft.hdinsight/clusters"]
    if clusters:
        raise LeftBehindError(
            "The cluster still exists.", left=clusters[0].id, suggestion="Try again: aerial-ops down --keep-data"
        )
    kept = described.model_copy(
        update={"keep_data": True, "deadline": max(described.deadline, site.now().replace(microsecond=0) + SHORTEST)}
    )
    data = site.layer(DATA)
    plan = planned(site, data, layers.data_variables(kept, site.settings))
    if any(change.action == "create" for change in plan.changes):
        plan.discard()
        site.report.note("Parts of the data layer were gone already; they were not made again.")
    else:
        site.environment.describe(kept)
        if not plan.is_empty:
            data.apply(plan)
    usd = billed(site.environment.journal.entries())
    return Removed(described.name, (described.cluster,), True, usd, left=len(site.plane.inventory(described.name)))
