"""What Azurite does not show of the requests themselves."""

import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from azure.core.credentials import AzureSasCredential
from azure.core.exceptions import HttpResponseError

from aerial_ops.clouds.loopback import loopback_transport
from aerial_ops.storage.permits import SharedAccessSignature
from aerial_ops.storage.wire import Wire

PAGE = """<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="x"><Blobs>
<Blob><Name>{name}</Name><Properties><Last-Modified>Tue, 24 Nov 2026 05:50:14 GMT</Last-Modified>
<Etag>"0x1"</Etag><Content-Length>7</Content-Length></Properties></Blob></Blobs><NextMarker>{marker}</NextMarker>
</EnumerationResults>"""


@pytest.fixture
def wire() -> Wire:
    return Wire("http://a.blob.localhost:1", loopback_transport(None), SharedAccessSignature(AzureSasCredential("sig=x")), 0)


def test_a_listing_asks_for_what_it_needs(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, str] = {}
    monkeypatch.setattr(
        wire, "_send", lambda method, path, query: asked.update(query) or PAGE.format(name="a", marker="").encode()
    )
    assert [blob.name for blob in wire.list("x", "pre", folder_marks=False)] == ["a"]
    assert asked == {"restype": "container", "comp": "list", "prefix": "pre", "include": "metadata"}


def test_the_next_page_is_under_way_while_one_is_read(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    second = Event()

    def send(method: str, path: str, query: Mapping[str, str]) -> bytes:
        if "marker" not in query:
            return PAGE.format(name="a", marker="m&amp;m").encode()
        assert query["marker"] == "m&m"
        second.set()
        raise HttpResponseError("the second page does not come")

    monkeypatch.setattr(wire, "_send", send)
    listing = wire.list("x")
    assert next(listing).name == "a"
    assert second.wait(10)
    with pytest.raises(HttpResponseError, match="second page"):
        next(listing)


@contextmanager
def slow_line(size: int, seconds: float) -> Iterator[int]:
    """The port of a service that takes a body of `size` bytes in so many seconds."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                head = b""
                while b"\r\n\r\n" not in head:
                    head += connection.recv(1024)
                assert f"Content-Length: {size}\r\n".encode() in head
                taken, began = len(head.split(b"\r\n\r\n", 1)[1]), time.monotonic()
                while taken < size:
                    time.sleep(max(0.0, began + seconds * taken / size - time.monotonic()))
                    taken += len(connection.recv(65536))
                connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")

        Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def test_a_slow_line_is_no_lost_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aerial_ops.storage.wire.TIMEOUTS", (0.5, 0.5))
    size = 16 * 1024 * 1024
    with slow_line(size, 2) as port:
        permit = SharedAccessSignature(AzureSasCredential("sig=x"))
        Wire(f"http://a.blob.localhost:{port}", loopback_transport(None), permit, 0).put("x", "y", bytes(size), b"", "image/png")
