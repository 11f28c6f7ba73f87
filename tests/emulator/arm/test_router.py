import asyncio
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from aerial_ops.emulator.arm.router import UNRECOGNIZED_NAME, NeedMore, Routes, proxy_request, serve, server_name
from aerial_ops.emulator.certificates import Certificates
from aerial_ops.emulator.ports import free_port


def hello(name: str | None) -> bytes:
    """The first message of a real TLS client."""
    context = ssl.create_default_context()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context.check_hostname = name is not None
    client = context.wrap_bio(incoming, outgoing, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def test_the_name_is_read_from_the_first_message() -> None:
    assert server_name(hello("stone.blob.localhost")) == "stone.blob.localhost"
    assert server_name(hello(None)) == ""


def test_every_part_of_a_message_is_too_little() -> None:
    whole = hello("stone.blob.localhost")
    for length in range(1, len(whole)):
        with pytest.raises(NeedMore):
            server_name(whole[:length])


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n", b"\x16\x03\x01\x00\x02\x01\x00", b"\x16\x03\x01\x00\x28" + b"\xff" * 40])
def test_something_else_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="This is not"):
        server_name(data)


def test_a_proxys_client_asks_for_a_host_first() -> None:
    request = b"CONNECT stone.blob.localhost:443 HTTP/1.1\r\nHost: stone.blob.localhost:443\r\n\r\n"
    assert proxy_request(request) == ("stone.blob.localhost", b"")
    assert proxy_request(request + b"more") == ("stone.blob.localhost", b"more")
    for length in range(len(request)):
        with pytest.raises(NeedMore):
            proxy_request(request[:length])
    with pytest.raises(ValueError, match="This is not a CONNECT"):
        proxy_request(b"COPY / HTTP/1.1\r\n\r\n")


def test_routes_are_read_again_when_they_change(tmp_path: Path) -> None:
    file = tmp_path / "routes.json"
    routes = Routes(file)
    assert routes.port("stone.blob.localhost") is None
    file.write_text(json.dumps({"stone": 1}))
    assert routes.port("stone.blob.localhost") == 1
    file.write_text(json.dumps({"stone": 1, "gravel": 22}))
    assert routes.port("gravel.blob.localhost") == 22
    assert routes.port("gravel.queue.localhost") is None


class Echo:
    """A TLS server that answers its name, and then each message (4 bytes of length, the rest) when it has it as a whole."""

    def __init__(self, name: str, certificates: Certificates) -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificates.certificate, certificates.key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, args=(context, name.encode()), daemon=True).start()

    def _serve(self, context: ssl.SSLContext, name: bytes) -> None:
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            with context.wrap_socket(plain, server_side=True) as connection:
                connection.sendall(name + b":")
                while head := connection.recv(4):
                    connection.sendall(received(connection, int.from_bytes(head, "big")))


@pytest.fixture
def router(tmp_path: Path, certificates: Certificates) -> Iterator[int]:
    servers = {name: Echo(name, certificates) for name in ("stone", "gravel")}
    gone = free_port()
    (tmp_path / "routes.json").write_text(json.dumps({**{name: echo.port for name, echo in servers.items()}, "gone": gone}))
    port, loop = free_port(), asyncio.new_event_loop()
    ready = threading.Event()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.call_later(0.2, ready.set)
        loop.add_signal_handler = lambda *_: None  # type: ignore[method-assign,assignment] # only possible in the main thread
        with pytest.raises((asyncio.CancelledError, RuntimeError)):
            loop.run_until_complete(serve(port, tmp_path / "routes.json"))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait()
    yield port
    loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
    thread.join(5)
    for echo in servers.values():
        echo.listener.close()


def connected(port: int, name: str, certificates: Certificates) -> ssl.SSLSocket:
    plain = socket.create_connection(("127.0.0.1", port), timeout=20)
    return ssl.create_default_context(cafile=str(certificates.authority)).wrap_socket(
        plain, server_hostname=f"{name}.blob.localhost"
    )


def message(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def received(connection: ssl.SSLSocket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = connection.recv(65536)
        assert part, "the connection ended early"
        data += part
    return data


def test_each_name_leads_to_its_own_server(router: int, certificates: Certificates) -> None:
    for name in ("stone", "gravel", "stone"):
        with connected(router, name, certificates) as connection:
            connection.sendall(message(b"hello"))
            assert received(connection, len(name) + 6) == f"{name}:hello".encode()


def test_much_data_arrives_whole_though_the_reader_is_slow(router: int, certificates: Certificates) -> None:
    sent = bytes(range(256)) * (32 * 1024)  # 8 MB, more than every buffer on the way
    with connected(router, "stone", certificates) as connection:
        connection.sendall(message(sent))
        time.sleep(0.3)
        assert received(connection, 6 + len(sent)) == b"stone:" + sent


def test_an_unknown_name_and_an_azurite_that_does_not_run(router: int, certificates: Certificates) -> None:
    with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
        connected(router, "sand", certificates)
    with pytest.raises(OSError, match=r"EOF|reset|closed"):
        connected(router, "gone", certificates)
    with socket.create_connection(("127.0.0.1", router), timeout=20) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert plain.recv(100) == UNRECOGNIZED_NAME


def test_it_is_a_proxy_for_the_hosts_that_it_knows(router: int, certificates: Certificates) -> None:
    """As Go's client uses one: the answer first, then TLS."""
    with socket.create_connection(("127.0.0.1", router), timeout=20) as plain:
        plain.sendall(b"CONNECT stone.blob.localhost:1 HTTP/1.1\r\n")
        plain.sendall(b"Host: stone.blob.localhost:1\r\n\r\n")
        assert plain.recv(100).startswith(b"HTTP/1.1 200")
        trust = ssl.create_default_context(cafile=str(certificates.authority))
        with trust.wrap_socket(plain, server_hostname="stone.blob.localhost") as connection:
            connection.sendall(message(b"hello"))
            assert received(connection, 11) == b"stone:hello"
    for target in (b"CONNECT example.com:443 HTTP/1.1", b"COPY / HTTP/1.1"):
        with socket.create_connection(("127.0.0.1", router), timeout=20) as plain:
            plain.sendall(target + b"\r\n\r\n")
            assert plain.recv(200).startswith(b"HTTP/1.1 502")
