"""The bill of a cluster, noted in the journal when the cluster goes, or when it is found to be gone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from aerial_ops.errors import AerialOpsError
from aerial_ops.infrastructure.control_plane import ClusterFacts
from aerial_ops.infrastructure.cost import BILL, CLUSTER, SCALE, Nodes, accrued, rate_of
from aerial_ops.infrastructure.durations import iso
from aerial_ops.infrastructure.environments import Description
from aerial_ops.infrastructure.journal import Entry
from aerial_ops.infrastructure.site import Site


@contextmanager
def billing(site: Site, group: str, location: str) -> Iterator[None]:
    """Whatever cluster of the group is gone afterwards gets its bill, also when the work in between fails."""
    before = site.plane.clusters(group)
    try:
        yield
    finally:
        if before:
            _note(site, group, location, before)


def settle(site: Site, described: Description) -> None:
    """A cluster that the deadline has removed: billed from its order until the deadline, at the last size that is known."""
    journal = site.environment.journal
    last: dict[str, Entry] = {entry.what: entry for entry in journal.entries() if entry.what in (CLUSTER, BILL)}
    made, bill = last.get(CLUSTER), last.get(BILL)
    if made is None or made.event != "done" or (bill and bill.at > made.at):
        return
    begun = [entry for entry in journal.entries() if entry.what == CLUSTER and entry.event == "begun"][-1]
    sizes = [entry.details["workers"] for entry in journal.entries() if entry.what in (CLUSTER, SCALE) and entry.event == "done"]
    end = min(site.now(), described.deadline)
    try:
        rate = rate_of(Nodes(int(sizes[-1]), described.worker_size, described.head_size), described.location, site.prices)
    except AerialOpsError as error:
        site.report.note(f"The cluster's bill could not be made out: {error.message}")
        return
    usd = rate.usd(max(end - begun.at, timedelta()))
    journal.write("done", BILL, usd=usd, cluster=described.cluster, created_at=iso(begun.at), gone_at=iso(end), estimated=True)


def _note(site: Site, group: str, location: str, before: list[ClusterFacts]) -> None:
    try:
        there = {(cluster.id.lower(), cluster.created_at) for cluster in site.plane.clusters(group)}
        journal = site.environment.journal
        for cluster in before:
            if (cluster.id.lower(), cluster.created_at) not in there and cluster.created_at:
                now = site.now()
                usd = accrued(cluster, journal.entries(), location, site.prices, now)
                journal.write("done", BILL, usd=usd, cluster=cluster.name, created_at=iso(cluster.created_at), gone_at=iso(now))
    except AerialOpsError as error:  # a bill that cannot be written must not stop a removal
        site.report.note(f"The cluster's bill could not be made out: {error.message}")
