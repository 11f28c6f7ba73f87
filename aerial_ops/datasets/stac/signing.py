"""Signed addresses: the Planetary Computer's storage wants a short-lived SAS token, which anybody may ask for."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aerial_ops.datasets.stac.web import get_json
from aerial_ops.errors import DataError

LONG_AGO = datetime.min.replace(tzinfo=UTC)
MARGIN = timedelta(minutes=2)
"""A token is renewed so long before it expires: no block of tiles takes longer to read."""


@dataclass
class Signer:
    """Signs addresses with the token that `endpoint` gives for its collection. Threads share one token."""

    endpoint: str
    _token: str = ""
    _until: datetime = LONG_AGO
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sign(self, href: str) -> str:
        """`href` with a token that is good for some minutes. Raises DataError."""
        return f"{href}{'&' if '?' in href else '?'}{self._good_token()}"

    def renew(self, address: str) -> bool:
        """Ask for another token because `address` was refused; False when the service gives the same again."""
        with self._lock:
            if self._token and address.endswith(self._token):
                self._fetch()
            return not address.endswith(self._token)

    def _good_token(self) -> str:
        with self._lock:
            if datetime.now(UTC) + MARGIN >= self._until:
                self._fetch()
            return self._token

    def _fetch(self) -> None:
        answer = get_json("GET", self.endpoint, "The token service")
        try:
            self._token, expiry = str(answer["token"]), datetime.fromisoformat(answer["msft:expiry"])
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(
                f"The token service at {self.endpoint} gave no token that can be understood.",
                suggestion="Check the address of --stac-tokens.",
            ) from error
        self._until = expiry if expiry.tzinfo else expiry.replace(tzinfo=UTC)
