"""The cloud's own clock, read off its answers: this machine's may be wrong, and an emulated cloud's may run ahead."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from azure.core.pipeline.policies import SansIOHTTPPolicy

TRIFLE = timedelta(seconds=2)  # the header tells whole seconds


class CloudClock(SansIOHTTPPolicy[Any, Any]):
    """A policy of azure-core's clients that learns from the Date header of each answer how far ahead the cloud's clock is."""

    def __init__(self) -> None:
        self.ahead: timedelta | None = None  # None before the first answer

    def on_response(self, request: Any, response: Any) -> None:
        """Called by azure-core for every answer, a refusal included."""
        if date := response.http_response.headers.get("Date"):
            ahead = parsedate_to_datetime(date) - datetime.now(UTC)
            self.ahead = ahead if abs(ahead) > TRIFLE else timedelta()

    def now(self) -> datetime:
        """The cloud's time; this machine's before the first answer."""
        return datetime.now(UTC) + (self.ahead or timedelta())
