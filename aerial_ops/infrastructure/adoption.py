"""Take over what exists in Azure and is not in Terraform's state: made by a command that was killed, or whose answers were lost.

Only what carries the environment's tag, or is inside of what does, is taken over.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Any

from aerial_ops.errors import InfrastructureError, LeftBehindError, RefusedError
from aerial_ops.infrastructure.approval import Approve, Proposal, discarding
from aerial_ops.infrastructure.billing import billing
from aerial_ops.infrastructure.environments import Description
from aerial_ops.infrastructure.facts import ClusterFacts, Found
from aerial_ops.infrastructure.locks import planned
from aerial_ops.infrastructure.site import Site
from aerial_ops.infrastructure.terraform import CREATE_SECONDS, Plan, Terraform

CLUSTER_ADDRESS = "module.spark_cluster.azurerm_hdinsight_spark_cluster.this"
TAKE_OVER = "take over what exists"  # in the journal
PAUSE_SECONDS = 5.0


def apply(site: Site, layer: Terraform, plan: Plan, variables: Mapping[str, Any], approve: Approve) -> None:
    """Apply `plan`. When something of it exists already and is the environment's, it is taken over and the rest is made.

    Raises LeftBehindError; RefusedError when what was taken over would have to be removed and that is not allowed.
    """
    known: set[str] = set()
    while True:
        try:
            layer.apply(plan)
            return
        except LeftBehindError as error:
            taken = {address: id for address, id in error.data.get("taken", {}).items() if address not in known}
            taken.pop(CLUSTER_ADDRESS, None)  # a cluster is looked at before: by plan_cluster
            if not taken or not _ours(site, taken.values()):
                raise
        known |= set(taken)
        for id in taken.values():
            site.report.note(f"Taking over {id}, which an earlier command has made.")
        site.environment.journal.write("done", TAKE_OVER, ids=list(taken.values()))
        plan = _plan_after_taking_over(site, layer, planned(site, layer, variables), taken, variables)
        if plan.removes:
            with discarding(plan):
                approve(Proposal("Replace what an earlier command has made otherwise?", plan.changes))


def plan_cluster(
    site: Site, described: Description, compute: Terraform, variables: Mapping[str, Any], approve: Approve, *, unlock: bool
) -> Plan:
    """The compute layer's plan. A cluster that exists and is not in the state is taken over when it works, and removed when not.

    Raises RefusedError when the cluster is not the environment's, or its removal is not allowed.
    """
    plan = planned(site, compute, variables, unlock=unlock)
    if not any(change.action == "create" and change.address == CLUSTER_ADDRESS for change in plan.changes):
        return plan
    with discarding(plan):
        cluster = _settled(site, described)
        if cluster is None:
            return plan
        found = next((one for one in site.plane.inventory(described.name) if one.id.lower() == cluster.id.lower()), None)
        if found is None:
            raise RefusedError(
                f"The cluster {cluster.name} exists, and does not carry the environment's tag.",
                left="It was not touched.",
                suggestion="Delete it or tag it yourself, or choose another environment: --env NAME",
            )
        if not cluster.works:
            _remove(site, described, cluster, found, approve)
            return plan
        site.report.note(f"Taking over the cluster {cluster.name}, which an earlier command has made.")
        site.environment.journal.write("done", TAKE_OVER, ids=[cluster.id])
        return _plan_after_taking_over(site, compute, plan, {CLUSTER_ADDRESS: cluster.id}, variables)


def _plan_after_taking_over(
    site: Site, layer: Terraform, plan: Plan, ids: Mapping[str, str], variables: Mapping[str, Any]
) -> Plan:
    with discarding(plan):
        layer.take_over(plan, ids)
    return planned(site, layer, variables)


def _ours(site: Site, ids: Iterable[str]) -> bool:
    """Whether each is the environment's: tagged itself, or a part of what is and no resource of its own without a tag."""
    name = site.environment.name
    tagged = [one.id.lower() for one in site.plane.inventory(name)]
    strangers = {one.id.lower() for one in site.plane.strangers(site.group, name)}
    return all(id.lower() not in strangers and any(f"{id.lower()}/".startswith(f"{one}/") for one in tagged) for id in ids)


def _settled(site: Site, described: Description) -> ClusterFacts | None:
    """The cluster, once nothing happens to it any more; None when it does not exist."""
    end, told = time.monotonic() + CREATE_SECONDS, False
    while (cluster := site.plane.cluster(described.resource_group, described.cluster)) and cluster.is_changing:
        if time.monotonic() > end:
            raise InfrastructureError(
                f"The cluster {cluster.name} is still in the state {cluster.state}.", suggestion="Remove it: aerial-ops down"
            )
        if not told:
            site.report.note(f"The cluster {cluster.name} exists already, in the state {cluster.state}; waiting for it ...")
            told = True
        time.sleep(PAUSE_SECONDS)
    return cluster


def _remove(site: Site, described: Description, cluster: ClusterFacts, found: Found, approve: Approve) -> None:
    why = "; ".join(cluster.errors) or "no reason is given"
    approve(
        Proposal(f"Remove the cluster {cluster.name}, in the state {cluster.state} ({why}), and make a new one?", found=(found,))
    )
    with billing(site, described):
        site.plane.delete(found)
