"""One port for the blob endpoints of all accounts: NAME.blob.localhost:PORT leads to the Azurite of account NAME.

Azure's storage suffix, `localhost:PORT` here, is the same for every account, and clients (the azurerm provider too) insist on it.
The name that a TLS client asks for stands in its first message in the clear, so connections are passed on as they are: nothing
is decrypted here, and the certificate is that of Azurite itself.
It is an HTTP proxy for these hosts too (CONNECT), for programs whose resolver does not know names below .localhost: Terraform's.
Run as `python -m aerial_ops.emulator.arm.router PORT ROUTES`; ROUTES is a JSON file of account names and their ports.
"""

import asyncio
import json
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

UNRECOGNIZED_NAME = bytes([21, 3, 3, 0, 2, 2, 112])  # a TLS alert, fatal
CONNECT, TUNNEL_STANDS = b"CONNECT", b"HTTP/1.1 200 OK\r\n\r\n"
BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
HELLO_LIMIT = 1 << 16
WINDOW = 1 << 20  # bytes that may wait to be sent in each direction


class NeedMore(Exception):
    """The message has not arrived as a whole."""


def server_name(hello: bytes) -> str:
    """The host name in a TLS ClientHello; empty when there is none. Raises NeedMore, or ValueError for anything else."""
    if hello[:1] != b"\x16":
        raise ValueError("This is not TLS.")
    if len(hello) < 5 or len(hello) < 5 + int.from_bytes(hello[3:5], "big"):
        raise NeedMore
    message = hello[5 : 5 + int.from_bytes(hello[3:5], "big")]
    try:
        at = 4 + 2 + 32  # handshake header, version, random
        at += 1 + message[at]  # session
        at += 2 + int.from_bytes(message[at : at + 2], "big")  # cipher suites
        at += 1 + message[at]  # compression methods
        end = at + 2 + int.from_bytes(message[at : at + 2], "big")
        at += 2
        while at + 4 <= end:
            kind, length = int.from_bytes(message[at : at + 2], "big"), int.from_bytes(message[at + 2 : at + 4], "big")
            if kind == 0:  # server_name: list length, type, name length, name
                return message[at + 9 : at + 4 + length].decode("ascii")
            at += 4 + length
    except IndexError:
        raise ValueError("This is not a ClientHello.") from None
    return ""


def proxy_request(request: bytes) -> tuple[str, bytes]:
    """The host that an HTTP CONNECT asks for, and what follows the request. Raises NeedMore, or ValueError for anything else."""
    head, end, rest = request.partition(b"\r\n\r\n")
    if not end:
        raise NeedMore
    words = head.split(b"\r\n", maxsplit=1)[0].decode("ascii", "replace").split(" ")
    if len(words) != 3 or words[0] != CONNECT.decode():
        raise ValueError("This is not a CONNECT.")
    return words[1].rpartition(":")[0], rest


class Routes:
    """Accounts and their ports, read again when the file has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = 0
        self._ports: Mapping[str, int] = {}

    def port(self, host: str) -> int | None:
        """The port behind a host NAME.blob.localhost."""
        try:
            stamp = self._path.stat().st_mtime_ns
            if stamp != self._stamp:
                self._ports, self._stamp = json.loads(self._path.read_text()), stamp
        except FileNotFoundError:
            return None
        name, _, rest = host.partition(".")
        return self._ports.get(name) if rest == "blob.localhost" else None


class _End(asyncio.Protocol):
    """One end of a connection that is passed on; `peer` is the other."""

    def __init__(self, peer: "_End | None" = None) -> None:
        self.peer = peer
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.set_write_buffer_limits(WINDOW)

    def data_received(self, data: bytes) -> None:
        if self.peer is not None and self.peer.transport is not None:
            self.peer.transport.write(data)

    def eof_received(self) -> bool:
        if self.peer is not None and self.peer.transport is not None and self.peer.transport.can_write_eof():
            self.peer.transport.write_eof()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        if self.peer is not None and self.peer.transport is not None:
            self.peer.transport.close()

    def pause_writing(self) -> None:
        if self.peer is not None and self.peer.transport is not None:
            self.peer.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.peer is not None and self.peer.transport is not None:
            self.peer.transport.resume_reading()


class _Front(_End):
    """The client's end: the first message says where the other end is."""

    def __init__(self, routes: Routes) -> None:
        super().__init__()
        self._routes = routes
        self._hello = b""
        self._refusal = UNRECOGNIZED_NAME
        self._connecting: asyncio.Task[None] | None = None

    def data_received(self, data: bytes) -> None:
        if self.peer is not None:
            super().data_received(data)
            return
        self._hello += data
        if self._connecting is not None:
            return
        try:
            if self._hello[:1] == CONNECT[:1]:
                self._proxy()
            port = self._routes.port(server_name(self._hello))
        except NeedMore:
            port = -1 if len(self._hello) <= HELLO_LIMIT else None
        except ValueError:
            port = None
        if port is None:
            self._refuse()
        elif port > 0:
            self._connecting = asyncio.get_running_loop().create_task(self._connect(port))

    def _proxy(self) -> None:
        """Answer a CONNECT; what follows it is the first message."""
        assert self.transport is not None
        self._refusal = BAD_GATEWAY
        host, rest = proxy_request(self._hello)
        if self._routes.port(host) is None:
            raise ValueError(f"{host} is not a blob endpoint.")
        self.transport.write(TUNNEL_STANDS)
        self._refusal, self._hello = UNRECOGNIZED_NAME, rest
        if not rest:
            raise NeedMore

    async def _connect(self, port: int) -> None:
        assert self.transport is not None
        self.transport.pause_reading()
        try:
            _, back = await asyncio.get_running_loop().create_connection(lambda: _End(self), "127.0.0.1", port)
        except OSError:
            self.transport.abort()  # the Azurite does not run
            return
        if self.transport.is_closing():
            if back.transport is not None:
                back.transport.abort()
            return
        self.peer = back
        super().data_received(self._hello)
        self.transport.resume_reading()

    def _refuse(self) -> None:
        assert self.transport is not None
        self.transport.write(self._refusal)
        self.transport.close()


async def serve(port: int, routes: Path) -> None:
    """Pass connections on until SIGTERM or SIGINT."""
    table, loop = Routes(routes), asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Front(table), "127.0.0.1", port)
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    async with server:
        await ended.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
