"""Make an environment: check, arm the deadline, make the data layer, then the cluster. Reads top to bottom.

Every step can be run again: what is there stays, what is missing is made.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aerial_ops.infrastructure import adoption, layers
from aerial_ops.infrastructure.approval import Approve, Proposal, allow, discarding
from aerial_ops.infrastructure.billing import billing, settle
from aerial_ops.infrastructure.bootstrap import script_url, upload_script
from aerial_ops.infrastructure.connecting import connect, recall_passwords, store_of
from aerial_ops.infrastructure.cost import CLUSTER, Rate
from aerial_ops.infrastructure.description import UpOrder, refuse_unknown, wanted
from aerial_ops.infrastructure.durations import iso
from aerial_ops.infrastructure.environments import Description
from aerial_ops.infrastructure.guard import unguarded
from aerial_ops.infrastructure.interruption import explained, until_signal
from aerial_ops.infrastructure.locks import planned
from aerial_ops.infrastructure.preflight import Checked, check
from aerial_ops.infrastructure.site import COMPUTE, DATA, Site
from aerial_ops.infrastructure.terraform import Change, Plan, Terraform

__all__ = ["Made", "UpOrder", "plan_up", "up"]


@dataclass(frozen=True)
class Made:
    """What `up` has made, or would make. `rate` is the cluster's price; None without a cluster or without --no-price."""

    described: Description
    rate: Rate | None
    changes: tuple[Change, ...]
    now: datetime
    planned_only: bool = False

    @property
    def usd_until_deadline(self) -> float | None:
        """What the cluster costs from `now`, when it stays until its deadline."""
        return self.rate.usd(self.described.deadline - self.now) if self.rate else None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready; without secrets."""
        return {
            **self.described.model_dump(mode="json"),
            "planned_only": self.planned_only,
            "changes": [{"action": change.action, "address": change.address} for change in self.changes],
            "price": self.rate.as_dict() if self.rate else None,
            "usd_until_deadline": self.usd_until_deadline,
        }


def up(site: Site, order: UpOrder, approve: Approve = allow, when_data_stands: Callable[[], None] | None = None) -> Made:
    """Bring the environment up. `when_data_stands` is called as soon as storage can be used, before the cluster is made.

    Raises RefusedError before anything is changed, or when the dead man's switch turns out not to be armed; LeftBehindError
    when something was made and not all of it.
    """
    with until_signal(), site.changing():
        described, checked, data, plan = _prepared(site, order)
        with discarding(plan):
            _ask_for_money(site, described, order, checked, plan, approve)
        doing = f"the environment {described.name} was being made"
        with explained(doing, checked.rate if checked.cluster else None):
            outputs = _make_data_layer(site, described, checked, data, plan, approve)
            if when_data_stands:
                when_data_stands()
            refusal = None if order.data_only or order.unguarded else unguarded(site, described)
        if order.data_only:
            return Made(described, None, plan.changes, site.now())
        if refusal:
            raise refusal
        with explained(doing, checked.rate):
            changes = _make_cluster(site, described, order, outputs, checked.rate, approve)
    return Made(described, checked.rate, (*plan.changes, *changes), site.now())


def _make_data_layer(
    site: Site, described: Description, checked: Checked, data: Terraform, plan: Plan, approve: Approve
) -> dict[str, Any]:
    """The group, the account and the switch stand, and other commands can use storage. Gives the layer's outputs."""
    with site.environment.journal.step("make the data layer", deadline=iso(described.deadline), plan=len(plan.changes)):
        _settle_the_last(site, checked)
        site.environment.describe(described)
        if not plan.is_empty:
            adoption.apply(site, data, plan, layers.data_variables(described, site.settings), approve)
        outputs = data.outputs()
        connect(site, outputs)
    return outputs


def _make_cluster(
    site: Site, described: Description, order: UpOrder, outputs: dict[str, Any], rate: Rate | None, approve: Approve
) -> tuple[Change, ...]:
    """The cluster runs, and other commands can use it. Gives what Terraform has changed."""
    upload_script(store_of(site))
    compute = site.layer(COMPUTE)
    recall_passwords(site, compute)
    variables = layers.compute_variables(described, site.environment, outputs, script_url(store_of(site), described))
    plan = adoption.plan_cluster(site, described, compute, variables, approve, unlock=order.unlock)
    with discarding(plan):
        _ask_for_removal(described, plan, approve)
    step = site.environment.journal.step(CLUSTER, cluster=described.cluster, workers=described.workers)
    with billing(site, described), step:
        if not plan.is_empty:
            adoption.apply(site, compute, plan, variables, approve)
        connect(site, outputs, compute.outputs(), rate.usd_per_hour if rate else None)
    return plan.changes


def plan_up(site: Site, order: UpOrder) -> Made:
    """What `up` would do, as far as it can be known before the data layer stands; nothing is changed."""
    with until_signal(), site.changing():
        described, checked, _, plan = _prepared(site, order)
        plan.discard()
    there = order.data_only or checked.cluster
    new = () if there else (Change("create", f"{described.cluster} (the cluster, {described.workers} workers)"),)
    return Made(described, checked.rate, (*plan.changes, *new), site.now(), planned_only=True)


def _prepared(site: Site, order: UpOrder) -> tuple[Description, Checked, Terraform, Plan]:
    described = wanted(site, order)
    refuse_unknown(site)
    with ThreadPoolExecutor(1) as beside:  # Azure is asked while Terraform makes its plan
        checking = beside.submit(
            check, site, described, with_cluster=not order.data_only, with_price=order.check_price, fit=order.workers == "auto"
        )
        data = site.layer(DATA)
        plan = planned(site, data, layers.data_variables(described, site.settings), unlock=order.unlock)
    with discarding(plan):
        checked = checking.result()
    for note in checked.notes:
        site.report.note(note)
    return checked.described, checked, data, plan


def _settle_the_last(site: Site, checked: Checked) -> None:
    before = site.environment.description()
    if before and checked.cluster is None:
        settle(site, before)


def _ask_for_money(site: Site, described: Description, order: UpOrder, checked: Checked, plan: Plan, approve: Approve) -> None:
    there = checked.cluster.workers if checked.cluster else 0
    if (order.data_only or described.workers <= there) and not plan.removes:
        return
    what = "the data layer" if order.data_only else f"{described.workers} workers"
    usd = checked.rate.usd(described.deadline - site.now()) if checked.rate else None
    title = f"Make the environment {described.name} with {what} in {described.location}?"
    approve(Proposal(title, plan.changes, rate=checked.rate, usd_until_deadline=usd, deadline=described.deadline))


def _ask_for_removal(described: Description, plan: Plan, approve: Approve) -> None:
    if plan.removes:
        approve(Proposal(f"Replace the cluster {described.cluster}? What runs on it is lost.", plan.changes))
