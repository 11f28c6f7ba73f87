"""The bill of a cluster, noted in the journal when the cluster goes, or when it is found to be gone.

Its beginning and end are Azure's own moments: the cluster's creation time, and the end of its deletion in the activity log,
whoever deleted it. Where the log does not tell, the bill ends when Azure was seen without the cluster, or is an estimate.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from aerial_ops.errors import AerialOpsError
from aerial_ops.infrastructure.activity import Activity
from aerial_ops.infrastructure.cost import BILL, CLUSTER, SCALE, Life, Nodes, changes_of
from aerial_ops.infrastructure.environments import Description
from aerial_ops.infrastructure.facts import ClusterFacts
from aerial_ops.infrastructure.journal import Entry
from aerial_ops.infrastructure.prices import PriceList
from aerial_ops.infrastructure.site import Site

Source = Literal["activity log", "seen gone", "estimated"]
SAME = timedelta(seconds=5)  # two notes of one beginning may differ by that
BEFORE = timedelta(hours=1)  # the log is read from so long before what is looked for: this machine's clock may be wrong


@dataclass(frozen=True)
class Bill:
    """A cluster that is gone. `source` says how its end is known."""

    cluster: str
    life: Life
    gone_at: datetime
    source: Source
    autoscale: tuple[int, int] | None = None

    def between(self, location: str, prices: PriceList) -> list[float] | None:
        """The least and the most that it can have cost, when Azure chose its size; None when that is known."""
        if self.autoscale is None:
            return None
        sizes = [replace(self.life, nodes=replace(self.life.nodes, workers=count), changes=()) for count in self.autoscale]
        return [size.usd(location, prices, self.gone_at) for size in sizes]


@contextmanager
def billing(site: Site, described: Description) -> Iterator[list[ClusterFacts]]:
    """Whatever cluster of the environment is gone afterwards gets its bill, also when the work in between fails.

    Gives the clusters that there are before.
    """
    before, covered = site.plane.clusters(described.resource_group), len(site.environment.journal.entries())
    try:
        yield before
    finally:
        settle(site, described, before, covered)


def settle(site: Site, described: Description, before: Sequence[ClusterFacts] = (), covered: int | None = None) -> None:
    """Note the bill of every cluster that is gone and has none: those of `before`, and those that others or the deadline removed.

    The first `covered` entries of the journal (None: all) are about clusters that are paid for then.
    """
    try:
        covered = len(site.environment.journal.entries()) if covered is None else covered
        for bill in unsettled(site, described, before):
            usd = bill.life.usd(described.location, site.prices, bill.gone_at)
            if between := bill.between(described.location, site.prices):
                low, high = between
                words = f"Azure chose the size of {bill.cluster} by itself: it has cost between {low:.2f} and {high:.2f} $."
                site.report.note(f"{words} {usd:.2f} $ is for the size that it had at last.")
            site.environment.journal.write(
                "done",
                BILL,
                usd=usd,
                usd_by_second=bill.life.usd_by_second(described.location, site.prices, bill.gone_at),
                cluster=bill.cluster,
                created_at=bill.life.created_at.isoformat(),
                gone_at=bill.gone_at.isoformat(),
                source=bill.source,
                between=between,
                covers=covered,
            )
    except AerialOpsError as error:  # a bill that cannot be written must not stop a removal
        site.report.note(f"The cluster's bill could not be made out: {error.message}")


def lost(site: Site, described: Description) -> float:
    """What the clusters have cost that are gone and not billed yet; nothing is noted."""
    return sum(bill.life.usd(described.location, site.prices, bill.gone_at) for bill in unsettled(site, described))


def unsettled(site: Site, described: Description, before: Sequence[ClusterFacts] = ()) -> list[Bill]:
    """The clusters that are gone and not billed yet. Raises InfrastructureError when Azure does not answer."""
    there = {(one.id.lower(), one.created_at) for one in site.plane.clusters(described.resource_group)}
    gone = [one for one in before if (one.id.lower(), one.created_at) not in there and one.created_at]
    journal = site.environment.journal.entries()
    unpaid = _unpaid(journal)
    made = next((entry for entry in unpaid if entry.what == CLUSTER), None)
    if not gone and (made is None or there):
        return []
    starts = [one.created_at for one in gone if one.created_at] + ([made.at] if made else [])
    activity = _activity(site, described.resource_group, min(starts) - BEFORE)
    bills = [_seen(site, one, unpaid, activity) for one in gone]
    known = [entry for one in site.environment.journals() for entry in one.entries()]  # of earlier environments of this name too
    paid = [datetime.fromisoformat(entry.details["created_at"]) for entry in known if entry.what == BILL]
    paid += [bill.life.created_at for bill in bills]
    if made is not None and activity is not None:
        bills += [
            _told(described, unpaid, activity, *life)
            for life in activity.lives()
            if life[1] > described.created_at - SAME and not any(abs(life[1] - at) < SAME for at in paid)
        ]
    if not bills and not there and made is not None and any(e.what == CLUSTER and e.event == "done" for e in unpaid):
        bills.append(_estimated(site, described, unpaid, made))
    return bills


def _seen(site: Site, cluster: ClusterFacts, unpaid: Sequence[Entry], activity: Activity | None) -> Bill:
    """One that stood a moment ago."""
    assert cluster.created_at is not None
    life = Life.of(cluster, unpaid)
    end = activity.deleted_at(cluster.id, cluster.created_at) if activity else None
    if activity is None or end is None:
        return Bill(cluster.name, life, activity.asked_at if activity else site.now(), "seen gone", cluster.autoscale)
    return Bill(cluster.name, _resized(life, activity, cluster.id, end, unpaid), end, "activity log", cluster.autoscale)


def _told(described: Description, unpaid: Sequence[Entry], activity: Activity, id: str, start: datetime, end: datetime) -> Bill:
    """One that only the activity log and the journal know of."""
    carried_out = len(activity.resized_at(id, start, end)) == len(changes_of(unpaid, "begun"))
    life = Life(start, _nodes(described, unpaid, "begun" if carried_out else "done"), changes_of(unpaid))
    return Bill(id.rsplit("/", 1)[-1], _resized(life, activity, id, end, unpaid), end, "activity log")


def _estimated(site: Site, described: Description, unpaid: Sequence[Entry], made: Entry) -> Bill:
    """One of which nothing is known but the order: until the deadline at most."""
    life = Life(made.at, _nodes(described, unpaid, "done"), changes_of(unpaid))
    return Bill(described.cluster, life, max(min(site.now(), described.deadline), made.at), "estimated")


def _resized(life: Life, activity: Activity, id: str, end: datetime, unpaid: Sequence[Entry]) -> Life:
    """With the moments at which the sizes really changed, when the log tells of as many changes as were ordered or done.

    A change that was ordered may have been carried out although the command was ended before it heard so.
    """
    moments = activity.resized_at(id, life.created_at, end)
    for changes in (changes_of(unpaid, "begun"), life.changes):
        if len(moments) == len(changes):
            return replace(life, changes=tuple(zip(moments, (was for _, was in changes), strict=True)))
    return life


def _nodes(described: Description, unpaid: Sequence[Entry], event: str) -> Nodes:
    """The nodes at the end, as far as this machine has ordered them, or knows it to be done."""
    sizes = [int(entry.details["workers"]) for entry in unpaid if "workers" in entry.details and entry.event == event]
    first = next((int(entry.details["workers"]) for entry in unpaid if "workers" in entry.details), described.workers)
    return Nodes(sizes[-1] if sizes else first, described.worker_size, described.head_size)


def _unpaid(journal: Sequence[Entry]) -> list[Entry]:
    """What was ordered since the last bill."""
    covered = max((int(entry.details.get("covers", 0)) for entry in journal if entry.what == BILL), default=0)
    return [entry for entry in journal[covered:] if entry.what in (CLUSTER, SCALE)]


def _activity(site: Site, group: str, since: datetime) -> Activity | None:
    try:
        return Activity.read(site.cloud.arm(), group, since)
    except AerialOpsError as error:
        site.report.note(f"{error.message} A bill ends when Azure is seen without the cluster.")
        return None
