"""The connections of the server, so that one can be cut in the middle of a request."""

import asyncio
from typing import Any

from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_transports: dict[tuple[str, int], asyncio.Transport] = {}


class TrackedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 protocol that remembers its transport by the client's address."""

    _client: tuple[str, int] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember."""
        self._client = transport.get_extra_info("peername")[:2]
        _transports[self._client] = transport
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget."""
        if self._client is not None:
            _transports.pop(self._client, None)
        super().connection_lost(exc)


def cut(scope: Scope) -> None:
    """End the connection of a request without an answer; a test client that has none sees an exception."""
    client: Any = scope.get("client")
    transport = _transports.get(tuple(client)) if client else None
    if transport is None:
        raise ConnectionResetError("The connection was cut.")
    transport.abort()
