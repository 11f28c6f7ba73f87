"""HTTP with a kept-alive connection per thread, and retries: a storage server that is away for ten seconds fails no job."""

from __future__ import annotations

import logging
import random
import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import Callable, Mapping
from urllib.parse import urlsplit

from spark_jobs.connection import Connection, Response
from spark_jobs.errors import StorageError

RETRIED = frozenset({408, 429, 500, 502, 503, 504})
RETRY_SECONDS = 60.0
TIMEOUT_SECONDS = 30.0
LONGEST_PAUSE = 5.0

log = logging.getLogger(__name__)


class DamagedError(Exception):
    """An answer came through incomplete or changed; asking again may help."""


class Transport:
    """Requests to one endpoint. `connect_to` is an address to connect to; the certificate must be the host's all the same."""

    def __init__(
        self,
        endpoint: str,
        connect_to: str = "",
        retry_seconds: float = RETRY_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urlsplit(endpoint)
        self.host = parts.netloc
        self._name = parts.hostname or ""
        self._secure = parts.scheme == "https"
        self._port = parts.port or (443 if self._secure else 80)
        self._address = (connect_to or self._name, self._port)
        # The default context reads SSL_CERT_FILE, which is how an emulator's own authority is trusted.
        self._context = ssl.create_default_context() if self._secure else None
        self._retry_seconds = retry_seconds
        self._sleep = sleep
        self._threads = threading.local()

    def request(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        check: Callable[[Response], None] = lambda response: None,
    ) -> Response:
        """Send until an answer comes that is not worth a retry, for about a minute in all.

        `check` may raise DamagedError to have the request repeated. Raises StorageError when the endpoint stays away.
        """
        sent = {"Host": self.host, **({"Content-Length": str(len(body))} if method == "PUT" else {}), **(headers or {})}
        started = time.monotonic()
        attempt = 0
        while True:
            wanted = 0.0
            try:
                response = self._once(method, target, body, sent)
                if response.status not in RETRIED:
                    check(response)
                    return response
                reason = f"HTTP {response.status} {response.headers.get('x-ms-error-code', '')}".strip()
                wanted = _retry_after(response.headers)
            except ssl.SSLCertVerificationError as error:
                raise StorageError(
                    f"{self.host} shows a certificate that is not trusted ({error.verify_message}).",
                    "Set SSL_CERT_FILE to the authority's certificate on every node.",
                ) from error
            except (OSError, DamagedError) as error:
                reason = f"{type(error).__name__}: {error}".rstrip(": ")
            pause = max(wanted, min(0.1 * 2**attempt, LONGEST_PAUSE) * random.uniform(0.5, 1.0))  # noqa: S311
            if time.monotonic() + pause - started > self._retry_seconds:
                raise StorageError(
                    f"{self.host} did not answer for {self._retry_seconds:.0f} seconds ({reason}).",
                    "Check that the storage account answers, then run the job again.",
                )
            if attempt in (0, 4, 10):
                log.warning("%s: %s; trying again", self.host, reason)
            self._sleep(pause)
            attempt += 1

    def _once(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> Response:
        kept, self._threads.connection = getattr(self._threads, "connection", None), None
        if kept is not None:
            with suppress(OSError):  # The server closes idle connections: a fresh one deserves a try at once.
                return self._exchange(kept, method, target, body, headers)
        return self._exchange(self._connect(), method, target, body, headers)

    def _connect(self) -> Connection:
        raw = socket.create_connection(self._address, timeout=TIMEOUT_SECONDS)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            return Connection(self._context.wrap_socket(raw, server_hostname=self._name) if self._context else raw)
        except BaseException:
            raw.close()
            raise

    def _exchange(self, connection: Connection, method: str, target: str, body: bytes, headers: dict[str, str]) -> Response:
        try:
            response = connection.exchange(method, target, headers, body)
        except BaseException:
            connection.close()
            raise
        if connection.reusable:
            self._threads.connection = connection
        else:
            connection.close()
        return response


def _retry_after(headers: Mapping[str, str]) -> float:
    value = headers.get("retry-after", "")
    return float(value) if value.isdigit() else 0.0
