"""The bill of a cluster, noted in the journal when the cluster goes."""

from collections.abc import Iterator
from contextlib import contextmanager

from aerial_ops.errors import AerialOpsError
from aerial_ops.infrastructure.control_plane import ClusterFacts
from aerial_ops.infrastructure.cost import BILL, accrued
from aerial_ops.infrastructure.durations import iso
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
