"""What Azurite does not show of the requests themselves."""

from collections.abc import Mapping
from threading import Event

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
