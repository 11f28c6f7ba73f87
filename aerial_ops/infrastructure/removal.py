"""Remove by tag, through Azure's control plane: what has no Terraform state, or what Terraform could not remove."""

import time

from aerial_ops.errors import InfrastructureError, LeftBehindError
from aerial_ops.infrastructure.facts import CLUSTER_TYPE, Found
from aerial_ops.infrastructure.site import Site

ATTEMPTS = 3
PROOF_SECONDS = 60.0
PROOF_PAUSE_SECONDS = 2.0


def is_cluster(found: Found) -> bool:
    """Whether it is a cluster: what costs money by the minute."""
    return found.type.lower() == CLUSTER_TYPE.lower()


def sweep_clusters(site: Site) -> None:
    """Delete the environment's clusters."""
    _delete(site, [one for one in site.plane.inventory(site.environment.name) if is_cluster(one)])


def sweep(site: Site) -> None:
    """Delete everything of the environment: clusters, then the rest, then the groups that hold nothing of anybody else."""
    name = site.environment.name
    found = site.plane.inventory(name)
    _delete(site, [one for one in found if is_cluster(one)])
    groups = [one for one in found if one.type == "group"]
    shared = {group.name for group in groups if site.plane.strangers(group.name, name)}
    whole = {group.name for group in groups} - shared
    _delete(site, [one for one in found if one.type != "group" and not is_cluster(one) and one.group not in whole])
    _delete(site, [group for group in groups if group.name in whole])


def prove_empty(site: Site, group: str) -> None:
    """Ask Azure, independently of what was done, until nothing carries the tag. Raises LeftBehindError with the list."""
    name, end = site.environment.name, time.monotonic() + PROOF_SECONDS
    while left := site.plane.inventory(name):
        strangers = site.plane.strangers(group, name)
        if strangers or time.monotonic() > end:
            raise _left(left, strangers)
        time.sleep(PROOF_PAUSE_SECONDS)


def _delete(site: Site, things: list[Found]) -> None:
    for one in things:
        site.report.note(f"Deleting {one.name} ({one.type}), found by its tag ...")
        for attempt in range(1, ATTEMPTS + 1):
            try:
                site.plane.delete(one)
                break
            except InfrastructureError as error:  # the others go all the same, and the proof tells what is left
                site.report.note(f"Attempt {attempt} of {ATTEMPTS}: {error.message}")


def _left(left: list[Found], strangers: list[Found]) -> LeftBehindError:
    data = {"left": [one.id for one in left], "strangers": [one.id for one in strangers]}
    lines = "\n".join(f"  {one.id}" for one in left)
    if not strangers:
        return LeftBehindError(
            "Not everything is gone.", left=f"Still there:\n{lines}", suggestion="Try again: aerial-ops down", data=data
        )
    others = "\n".join(f"  {one.id}" for one in strangers)
    return LeftBehindError(
        f"The group {strangers[0].group} holds what is not of this environment; it was not touched.",
        left=f"Somebody else's:\n{others}\nStill there because of it:\n{lines}",
        suggestion="Move or delete it yourself, then: aerial-ops down",
        data=data,
    )
