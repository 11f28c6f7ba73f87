"""A cluster's deletion, looked at from outside while Terraform waits for its end.

When Azure gives a deletion up, the cluster is back, in state Error. azurerm's provider goes on looking whether it is gone until
its own time is up; the cluster is paid for meanwhile.
"""

import time
from collections.abc import Callable, Sequence

from aerial_ops.errors import InfrastructureError
from aerial_ops.infrastructure.facts import ClusterFacts

SURE_SECONDS = 30.0  # so long nothing may go on with it: one look could fall between two states


class Deletion:
    """The deletion of one cluster. `look` reads it; `before` are the clusters as they were when the deletion had not begun."""

    def __init__(self, name: str, look: Callable[[], ClusterFacts | None], before: Sequence[ClusterFacts]) -> None:
        self._name, self._look = name, look
        was = next((one for one in before if one.name == name), None)
        self._broken_before = was is not None and was.has_failed
        self._began = False
        self._failed_since: float | None = None

    def in_vain(self) -> str:
        """A sentence when Azure has given the deletion up; empty while there is hope, or when Azure does not answer.

        A cluster that was in Error before must have been seen while it was deleted: until then it may just not have begun.
        """
        try:
            cluster = self._look()
        except InfrastructureError:
            cluster = None
        if cluster is None or not cluster.has_failed:
            self._began = self._began or (cluster is not None and cluster.is_going)
            self._failed_since = None
            return ""
        if self._broken_before and not self._began:
            return ""
        now = time.monotonic()
        self._failed_since = now if self._failed_since is None else self._failed_since
        if now - self._failed_since < SURE_SECONDS:
            return ""
        words = f" ({'; '.join(cluster.errors)})" if cluster.errors else ""
        return f"Azure could not delete the cluster {self._name}{words}."
