"""Have the environment stand with the images in it: made, or as it was left, and only as far as what is left to do needs it."""

from datetime import datetime, timedelta

from aerial_ops.clouds.connection import find_connection
from aerial_ops.experiment import agenda
from aerial_ops.experiment.context import Run
from aerial_ops.experiment.copying import Copying
from aerial_ops.experiment.expected import telling
from aerial_ops.experiment.journal import as_kept, mark_of
from aerial_ops.experiment.networks import prepare_networks
from aerial_ops.experiment.progress import needs
from aerial_ops.infrastructure.approval import Approve, Proposal
from aerial_ops.infrastructure.cost import Rate
from aerial_ops.infrastructure.description import SHORTEST
from aerial_ops.infrastructure.durations import parse_duration
from aerial_ops.infrastructure.up import Made, UpOrder, up
from aerial_ops.reporting import Reporter
from aerial_ops.storage.sync import open_source, sync

SYNC = "sync the images"


def have_stand(run: Run, source: str, approve: Approve) -> None:
    """The sync starts as soon as the storage account stands, while the cluster is still being made."""
    cluster, storage = needs(run)
    if not storage:
        run.steps.skipped(agenda.MAKE, "nothing that is left needs it")
        return
    images = open_source(source, trust=run.site.cloud.trust())  # what is wrong with it is said before anything costs money
    if cluster:
        engine = run.plan.engine
        if engine == "synapseml" or any(training.classifier == "lightgbm" for training in run.plan.train):
            run.site.cloud.synapseml_settings(python=engine != "synapseml")
        prepare_networks(run)

    def copy(report: Reporter) -> None:
        account = find_connection(run.site.settings)
        mark = mark_of(as_kept(run.plan)["source"], account.account if account else "")
        if run.order.resume and run.journal.reached(SYNC, mark) is not None:
            report.note("The images are in the storage account, and were verified before.")
            return
        with run.journal.step(SYNC, mark):
            sync(images, run.store, home=run.site.settings.home, report=report)

    price: list[Rate] = []
    asking = telling(run, approve)

    def noted(proposal: Proposal) -> None:
        asking(proposal)
        if proposal.rate:
            price.append(proposal.rate)

    def go_on() -> None:
        """The cluster is ordered next; Azure bills it from its order on."""
        if price and cluster:
            run.steps.pays(price[-1].usd_per_hour)
        copying.start()

    with run.steps.step(agenda.MAKE) as step, run.journal.step(agenda.MAKE):
        with Copying(copy, run.report) as copying:
            made = up(run.site, _wanted(run, with_cluster=cluster), noted, when_data_stands=go_on)
        run.steps.tell(step, _told(made, with_cluster=cluster))
    if made.rate and not price:  # the cluster was there
        run.steps.pays(made.rate.usd_per_hour)
    put_back(run)


def _told(made: Made, *, with_cluster: bool) -> str:
    """What stands."""
    what = f"A cluster of {made.described.workers} workers" if with_cluster else "A storage account"
    return f"{what} in {made.described.location}, until {made.described.deadline:%Y-%m-%d %H:%M} UTC at most."


def put_back(run: Run) -> None:
    """What was reached in an environment that is gone is put into the new one."""
    if not run.order.resume:
        return
    given = sum(run.kept.put_back(run.store, record) for record in run.kept.records())
    if given:
        run.report.note(f"The results of {given} finished jobs were put back into the storage account.")


def _wanted(run: Run, *, with_cluster: bool) -> UpOrder:
    asked = run.plan.cluster
    as_it_is = run.order.resume and _stands(run)  # under its deadline, and of the size that it has
    return UpOrder(
        workers=None if as_it_is else asked.workers,
        ttl=_deadline_before(run) if as_it_is else parse_duration(asked.ttl) if asked.ttl else None,
        max_cost=asked.max_cost,
        keep_data=run.plan.keep != "nothing",
        data_only=not with_cluster,
        check_price=run.order.check_price,
    )


def _deadline_before(run: Run) -> timedelta | None:
    """A cluster that was left for a look gets the deadline back that was allowed; None: it has its deadline still."""
    before = run.journal.deadline
    left = datetime.fromisoformat(before) - run.site.now() if before else timedelta()
    return left if left >= SHORTEST else None


def _stands(run: Run) -> bool:
    """Whether the cluster exists, and its deadline leaves time to use it."""
    described = run.site.environment.description()
    if described is None or described.deadline - run.site.now() < SHORTEST:
        return False
    return run.site.plane.cluster(described.resource_group, described.cluster) is not None
