"""Azure's activity log: when clusters were made, resized and deleted, whoever did it; kept 90 days, also of what is gone.

The only importer of azure-mgmt-monitor. In Azure an event shows up some minutes after it happened.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from azure.core.exceptions import AzureError

from aerial_ops.clouds.base import ArmEndpoint
from aerial_ops.errors import InfrastructureError

MADE, RESIZED, DELETED = (
    f"microsoft.hdinsight/clusters/{action}" for action in ("write", "roles/resize/action", "delete")
)  # the names of operations, in small letters
KEPT = timedelta(days=89)
BEGINS = ("started", "accepted")


@dataclass(frozen=True)
class Event:
    """One line: `what` is the operation's name and `status` how far it is, both in small letters; `id` is the resource's."""

    at: datetime
    what: str
    status: str
    id: str
    operation: str = ""  # the same for all words of one operation


@dataclass(frozen=True)
class Activity:
    """What happened to the clusters of a group, oldest first. `asked_at` is the cloud's own time of the answer."""

    events: tuple[Event, ...]
    asked_at: datetime

    @classmethod
    def read(cls, arm: ArmEndpoint, group: str, since: datetime) -> "Activity":
        """Ask for everything since that moment. Raises InfrastructureError."""
        from azure.mgmt.monitor import MonitorManagementClient

        trust = {"connection_verify": str(arm.trust)} if arm.trust else {}
        client = MonitorManagementClient(
            arm.credential, arm.subscription, base_url=arm.url, credential_scopes=[arm.scope], **trust
        )
        moments: list[datetime] = []
        since = max(since.astimezone(UTC), datetime.now(UTC) - KEPT)
        test = f"eventTimestamp ge '{since:%Y-%m-%dT%H:%M:%SZ}' and resourceGroupName eq '{group}'"
        try:
            found = [
                _event(one) for one in client.activity_logs.list(test, raw_response_hook=lambda answer: _note(answer, moments))
            ]
        except AzureError as error:
            raise InfrastructureError(
                f"Azure's activity log could not be read: {error.message or error}".splitlines()[0]
            ) from error
        return cls(tuple(sorted(found, key=lambda event: event.at)), max(moments, default=datetime.now(UTC)))

    def deleted_at(self, id: str, made_at: datetime) -> datetime | None:
        """When the cluster that was made then was gone; None when nothing is known of it."""
        return next((event.at for event in self._of(id, DELETED) if event.status == "succeeded" and event.at > made_at), None)

    def resized_at(self, id: str, start: datetime, end: datetime) -> list[datetime]:
        """The moments between `start` and `end` at which the cluster had another size."""
        return [event.at for event in self._of(id, RESIZED) if event.status == "succeeded" and start < event.at < end]

    def lives(self) -> list[tuple[str, datetime, datetime]]:
        """Id, beginning and end of each cluster that was made and is gone."""
        found: list[tuple[str, datetime, datetime]] = []
        for event in self.events:
            if event.what != MADE or event.status not in BEGINS or self._refused(event):
                continue
            end = self.deleted_at(event.id, event.at)
            if end is not None and not any(id == event.id and start <= event.at < gone for id, start, gone in found):
                found.append((event.id, event.at, end))  # a write within a life is a change of tags, or a second word of it
        return found

    def _refused(self, event: Event) -> bool:
        """Whether Azure refused the order at once, so that there was nothing to pay for."""
        words = {other.status for other in self.events if other.operation == event.operation}
        return "failed" in words and "accepted" not in words

    def _of(self, id: str, what: str) -> Iterable[Event]:
        return (event for event in self.events if event.what == what and event.id == id.lower())


def _event(found: Any) -> Event:
    at = found.event_timestamp if found.event_timestamp.tzinfo else found.event_timestamp.replace(tzinfo=UTC)
    what, status, id = (str(text).lower() for text in (found.operation_name.value, found.status.value, found.resource_id))
    return Event(at, what, status, id, str(found.correlation_id))


def _note(answer: Any, moments: list[datetime]) -> None:
    if date := answer.http_response.headers.get("Date"):
        moments.append(parsedate_to_datetime(date))
