"""One kept-alive HTTP/1.1 connection. http.client would do; it takes 0.1 ms of processor time more for an answer's headers."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass, field
from typing import BinaryIO, Mapping, cast

BUFFER = 1 << 16
LONGEST_LINE = 1 << 16
MOST_HEADERS = 200
HEXADECIMAL = re.compile("[0-9a-fA-F]{1,15}")
WITHOUT_BODY = frozenset({204, 304})


class ProtocolError(OSError):
    """What came is no HTTP answer, or not all of one."""


@dataclass(frozen=True)
class Response:
    """One answer, read as a whole; header names in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Connection:
    """Requests and answers over a connected socket, one after the other. After any error it can only be closed."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._reader = cast(BinaryIO, connected.makefile("rb", BUFFER))
        self.reusable = True  # until the server says that it closes

    def exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Response:
        """Send a request, read its answer. Raises OSError."""
        lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        if any("\r" in line or "\n" in line for line in lines):
            raise ValueError("a header or an address with a line break")
        self._socket.sendall("\r\n".join([*lines, "\r\n"]).encode("latin-1") + body)
        status = 100
        while 100 <= status < 200:  # "continue" and the like come before the answer
            version, status = self._status()
            found = self._headers()
        self.reusable = version != b"HTTP/1.0" and found.get("connection", "").lower() != "close"
        empty = method == "HEAD" or status in WITHOUT_BODY
        return Response(status, found, b"" if empty else self._body(found))

    def close(self) -> None:
        """Close it, whatever is under way."""
        self._reader.close()
        self._socket.close()

    def _status(self) -> tuple[bytes, int]:
        line = self._reader.readline(LONGEST_LINE)
        if not line:
            raise ProtocolError("the connection was closed before an answer came")
        version, _, rest = line.partition(b" ")
        code = rest[:3]
        if not version.startswith(b"HTTP/1.") or not code.isdigit() or len(code) != 3:
            raise ProtocolError(f"not an HTTP answer: {line[:80]!r}")
        return version, int(code)

    def _headers(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for _ in range(MOST_HEADERS):
            line = self._line()
            if not line:
                return found
            name, colon, value = line.partition(":")
            if not colon:
                raise ProtocolError(f"not a header: {line[:80]!r}")
            found[name.lower()] = value.strip()
        raise ProtocolError(f"more than {MOST_HEADERS} headers")

    def _body(self, headers: Mapping[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return b"".join(iter(self._chunk, b""))
        length = headers.get("content-length")
        if length is None:
            self.reusable = False
            return self._reader.read()
        if not length.isdigit():
            raise ProtocolError(f"not a length: {length[:80]!r}")
        return self._exactly(int(length))

    def _chunk(self) -> bytes:
        """The next chunk; empty after the last one."""
        length = self._line().partition(";")[0].strip()
        if not HEXADECIMAL.fullmatch(length):
            raise ProtocolError(f"not a chunk's length: {length[:80]!r}")
        size = int(length, 16)
        chunk = self._exactly(size)
        if size == 0:
            self._headers()  # trailers
        elif self._line():
            raise ProtocolError("a chunk is longer than it said")
        return chunk

    def _line(self) -> str:
        line = self._reader.readline(LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise ProtocolError("the answer ends in the middle")
        return line.rstrip(b"\r\n").decode("latin-1")

    def _exactly(self, size: int) -> bytes:
        found = self._reader.read(size)
        if len(found) < size:
            raise ProtocolError(f"{len(found)} of {size} bytes came")
        return found
