"""A deletion, looked at from outside while Terraform waits for its end.

When Azure gives the deletion of a cluster up, the cluster is back, in state Error; a group is back as it was. azurerm's provider
goes on looking whether it is gone until its own time is up; the cluster is paid for meanwhile.
"""

import time
from collections.abc import Callable
from typing import Protocol

from aerial_ops.errors import AerialOpsError
from aerial_ops.infrastructure.environments import Description
from aerial_ops.infrastructure.facts import ClusterFacts
from aerial_ops.infrastructure.site import Site

SURE_SECONDS = 30.0  # so long nothing may go on with it: one look could fall between two states


class Facts(Protocol):
    """What Azure tells of the thing that is to go."""

    @property
    def is_going(self) -> bool:
        """Whether it is being removed."""

    @property
    def has_failed(self) -> bool:
        """Whether nothing goes on with it, and it is not as it should be."""

    @property
    def errors(self) -> tuple[str, ...]:
        """What Azure says is wrong with it."""


class Deletion:
    """The deletion of one thing, named by `what`. `look` reads it.

    One that looked as if it had failed before (`looked_failed`) must have been seen while it was deleted: until then its deletion
    may just not have begun.
    """

    def __init__(self, what: str, look: Callable[[], Facts | None], *, looked_failed: bool) -> None:
        self._what, self._look = what, look
        self._began = not looked_failed
        self._failed_since: float | None = None

    @classmethod
    def of_cluster(cls, site: Site, described: Description, before: list[ClusterFacts]) -> "Deletion":
        """That of the environment's cluster; `before` are its clusters as they were when the deletion had not begun."""
        group, name = described.resource_group, described.cluster
        was = next((one for one in before if one.name == name), None)
        return cls(f"cluster {name}", lambda: site.plane.cluster(group, name), looked_failed=was is not None and was.has_failed)

    @classmethod
    def of_group(cls, site: Site, described: Description) -> "Deletion":
        """That of the environment's group."""
        group = described.resource_group
        return cls(f"group {group}", lambda: site.plane.group_facts(group), looked_failed=True)

    def in_vain(self) -> str:
        """A sentence when Azure has given the deletion up; empty while there is hope, or when Azure does not answer."""
        try:
            found = self._look()
        except AerialOpsError:
            found = None
        if found is None or not found.has_failed:
            self._began = self._began or (found is not None and found.is_going)
            self._failed_since = None
            return ""
        now = time.monotonic()
        if not self._began:
            return ""
        self._failed_since = now if self._failed_since is None else self._failed_since
        if now - self._failed_since < SURE_SECONDS:
            return ""
        words = f" ({'; '.join(found.errors)})" if found.errors else ""
        return f"Azure could not delete the {self._what}{words}."
