"""Parsing and quoting that Azurite does not show."""

from typing import Any

import pytest
from azure.core.credentials import AzureSasCredential

from aerial_ops.clouds.loopback import loopback_transport
from aerial_ops.storage.permits import SharedAccessSignature
from aerial_ops.storage.wire import Wire

PAGE = b"""<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="x"><Blobs>
<Blob><Name Encoded="true">odd%EF%BF%BE.png</Name><Properties><Last-Modified>Tue, 24 Nov 2026 05:50:14 GMT</Last-Modified>
<Etag>"0x1"</Etag><Content-Length>7</Content-Length><Content-MD5 /></Properties></Blob></Blobs><NextMarker />
</EnumerationResults>"""


def test_encoded_names_and_absent_md5s(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire("http://a.blob.localhost:1", loopback_transport(None), SharedAccessSignature(AzureSasCredential("sig=x")), 0)
    asked: dict[str, Any] = {}
    monkeypatch.setattr(wire, "_send", lambda method, path, query: asked.update(query) or PAGE)
    [blob] = wire.list("x", "pre", folder_marks=False)
    assert (blob.name, blob.size, blob.md5, blob.etag) == ("odd\ufffe.png", 7, b"", "0x1")
    assert blob.last_modified.isoformat() == "2026-11-24T05:50:14+00:00"
    assert asked == {"restype": "container", "comp": "list", "prefix": "pre", "include": "metadata"}
