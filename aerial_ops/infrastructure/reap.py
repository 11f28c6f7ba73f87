"""Remove what is past its deadline, found by its tags alone: whoever made it, without any state on this machine.

The second line. The first is the dead man's switch inside of Azure, which does the same at the deadline; the reaper finds what
that one has missed. Both stop after the clusters where the data is to be kept, and neither touches what lacks the tags.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aerial_ops.errors import AerialOpsError, LeftBehindError, UsageError
from aerial_ops.infrastructure.approval import Approve, Proposal, allow
from aerial_ops.infrastructure.billing import billing
from aerial_ops.infrastructure.connecting import without_cluster
from aerial_ops.infrastructure.description import found_by_tags
from aerial_ops.infrastructure.durations import iso
from aerial_ops.infrastructure.facts import EXPIRES_TAG, Found, deadline_of, keeps_data
from aerial_ops.infrastructure.interruption import explained, until_signal, was_interrupted
from aerial_ops.infrastructure.removal import is_cluster, prove_empty, sweep, sweep_clusters
from aerial_ops.infrastructure.site import Site
from aerial_ops.names import checked_environment_name

ROUNDS = 3  # what a command that is still at work makes meanwhile goes in the next round


@dataclass(frozen=True)
class Tagged:
    """An environment as its tags tell it. `deadline` is the latest of those that its parts carry; None when none can be read."""

    name: str
    found: tuple[Found, ...]
    deadline: datetime | None
    keeps_data: bool
    now: datetime

    @classmethod
    def of(cls, name: str, found: Iterable[Found], now: datetime) -> "Tagged":
        """Read the tags of what was found."""
        found = tuple(found)
        return cls(name, found, deadline_of(found), keeps_data(found), now)

    @property
    def goes(self) -> tuple[Found, ...]:
        """What the reaper removes of it: nothing before the deadline, only clusters where the data is kept."""
        if not _is_name(self.name) or self.deadline is None or self.deadline > self.now:
            return ()
        return tuple(one for one in self.found if is_cluster(one) or not self.keeps_data)

    @property
    def why(self) -> str:
        """Why it goes or stays, in a few words."""
        if not _is_name(self.name):
            return "not a name that an environment can have"
        if self.deadline is None:
            return f"no deadline can be read from the tag {EXPIRES_TAG}"
        if self.deadline > self.now:
            return "in time"
        if self.keeps_data:
            return "past its deadline; the cluster goes, the data stays" if self.goes else "its data is kept"
        return "past its deadline"

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "environment": self.name,
            "deadline": iso(self.deadline) if self.deadline else None,
            "keeps_data": self.keeps_data,
            "resources": [one.id for one in self.found],
            "goes": [one.id for one in self.goes],
            "why": self.why,
        }


@dataclass(frozen=True)
class Reaped:
    """What was found, and the names of the environments of which what had to go is gone."""

    found: tuple[Tagged, ...]
    removed: tuple[str, ...]
    dry_run: bool

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"dry_run": self.dry_run, "removed": list(self.removed), "environments": [one.as_dict() for one in self.found]}


def reap(site: Site, *, everywhere: bool = False, dry_run: bool = False, approve: Approve = allow) -> Reaped:
    """Remove what is past its deadline of the site's environment, or of every environment of the subscription.

    One that cannot be removed does not keep the others from it. Raises RefusedError before anything is removed, and
    LeftBehindError, with a list, when something that had to go is still there.
    """
    with until_signal():
        site.cloud.open(site.report)
        tagged = survey(site, everywhere=everywhere)
        due = [one for one in tagged if one.goes]
        if dry_run or not due:
            return Reaped(tagged, (), dry_run)
        approve(_proposal(site, due))
        failures = {}
        for one in due:
            try:
                _remove(_site_of(site, one.name))
            except AerialOpsError as error:
                if was_interrupted(error):
                    raise
                site.report.note(f"{one.name}: {error.message}")
                failures[one.name] = error
    if failures:
        raise _left(failures, len(due))
    return Reaped(tagged, tuple(one.name for one in due), False)


def survey(site: Site, *, everywhere: bool) -> tuple[Tagged, ...]:
    """What carries the tags now, by environment."""
    by_name: dict[str, list[Found]] = {}
    for one in site.plane.inventory(None if everywhere else site.environment.name):
        by_name.setdefault(one.environment, []).append(one)
    now = site.now()
    return tuple(Tagged.of(name, found, now) for name, found in sorted(by_name.items()))


def _remove(site: Site) -> None:
    """As `down` does without Terraform. Its deadline is read once more: somebody may have moved it meanwhile."""
    environment = site.environment
    with explained(f"the environment {environment.name} was being reaped", None), environment.alone():
        one = next(iter(survey(site, everywhere=False)), None)
        if one is None or not one.goes:
            return
        described = found_by_tags(site)
        if described is None:
            return
        with environment.journal.step("reap", deadline=iso(one.deadline or one.now)):
            with billing(site, described):
                sweep_clusters(site)
            without_cluster(site)
            if one.keeps_data:
                _prove_no_cluster(site)
                return
            _sweep_until_empty(site, described.resource_group)
        environment.forget()


def _sweep_until_empty(site: Site, group: str) -> None:
    for rounds_left in reversed(range(ROUNDS)):
        sweep(site)
        try:
            prove_empty(site, group)
            return
        except LeftBehindError as error:
            if not rounds_left or error.data["strangers"]:
                raise


def _prove_no_cluster(site: Site) -> None:
    clusters = [one.id for one in site.plane.inventory(site.environment.name) if is_cluster(one)]
    if clusters:
        raise LeftBehindError(f"A cluster of {site.environment.name} still exists.", left="\n".join(clusters))


def _proposal(site: Site, due: list[Tagged]) -> Proposal:
    names = ", ".join(one.name for one in due)
    groups = sorted({(found.group, one.name) for one in due if not one.keeps_data for found in one.found})
    strangers = tuple(stranger for group, name in groups for stranger in site.plane.strangers(group, name))
    found = tuple(found for one in due for found in one.goes)
    return Proposal(f"Remove what is past its deadline ({names})?", found=found, strangers=strangers)


def _site_of(site: Site, name: str) -> Site:
    return replace(site, settings=site.settings.model_copy(update={"environment": name}))


def _left(failures: dict[str, AerialOpsError], due: int) -> LeftBehindError:
    left = "\n".join(f"{name}: {error.message}\n{error.left}".rstrip() for name, error in failures.items())
    return LeftBehindError(
        f"{len(failures)} of {due} environments past their deadline are not gone.",
        left=left,
        suggestion="Try again: aerial-ops reap. See one of them: aerial-ops --env NAME status",
        data={"environments": {name: error.as_dict() for name, error in failures.items()}},
    )


def _is_name(name: str) -> bool:
    try:
        return bool(checked_environment_name(name))
    except UsageError:
        return False
