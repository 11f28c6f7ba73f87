"""Pages of a listing that Azurite does not write; the plain form is read by every other test."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from azure.core.exceptions import HttpResponseError

from aerial_ops.storage.listing import BlobInfo, Page

WHEN = datetime(2026, 11, 24, 5, 50, 14, tzinfo=UTC)
PROPERTIES = "<Last-Modified>Tue, 24 Nov 2026 05:50:14 GMT</Last-Modified><Etag>{etag}</Etag><Content-Length>7</Content-Length>"
MD5 = "<Content-Type>image/png</Content-Type><Content-MD5>{}</Content-MD5>"


def page(*blobs: str, end: str = "<NextMarker />") -> Page:
    head = '\ufeff<?xml version="1.0" encoding="utf-8"?>\r\n<EnumerationResults ContainerName="x"><Blobs>'
    return Page(f"{head}{''.join(blobs)}</Blobs>{end}</EnumerationResults>".encode())


def blob(name: str, *, etag: str = "0x1", md5: str = "<Content-MD5 />", after: str = "") -> str:
    return f"<Blob>{name}<Properties>{PROPERTIES.format(etag=etag)}{md5}<BlobType>BlockBlob</BlobType></Properties>{after}</Blob>"


def read(listed: Page, *, folder_marks: bool = True) -> Sequence[BlobInfo]:
    return list(listed.blobs(folder_marks=folder_marks))


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("<Name>a/b c.png</Name>", "a/b c.png"),
        ("<Name>a&amp;b&lt;c&#x2603;.png</Name>", "a&b<c☃.png"),
        ('<Name Encoded="true">odd%EF%BF%BE.png</Name>', "odd\ufffe.png"),
        ('<Name Encoded="false">50%25.png</Name>', "50%25.png"),
    ],
)
def test_both_ways_to_read_a_blob_agree(name: str, meant: str) -> None:
    quoted = blob(name, etag='"0x1"', md5=MD5.format("AAECAwQFBgcICQoLDA0ODw=="))
    through_the_parser = blob(
        name, etag='"0x1"', md5=MD5.format("AAECAwQFBgcICQoLDA0ODw=="), after="<Metadata><k>v</k></Metadata>"
    )
    expected = BlobInfo(meant, 7, bytes(range(16)), "0x1", WHEN)
    assert read(page(quoted, through_the_parser)) == [expected, expected]


def test_no_md5_is_an_empty_one() -> None:
    forms = ["<Content-MD5 />", "<Content-MD5/>", "<Content-MD5></Content-MD5>", ""]
    assert [one.md5 for one in read(page(*[blob("<Name>a</Name>", md5=form) for form in forms]))] == [b""] * 4


def test_the_next_page_is_told() -> None:
    assert page(blob("<Name>a</Name>")).next == ""
    assert page(end="").next == ""
    assert page(end="<NextMarker></NextMarker>").next == ""
    assert page(blob("<Name>a</Name>"), end="<NextMarker>2!8!a&amp;b</NextMarker>").next == "2!8!a&b"


def test_marks_of_folders_are_left_out_when_asked() -> None:
    mark = blob("<Name>folder</Name>", after="<Metadata><Hdi_isfolder>true</Hdi_isfolder></Metadata>")
    other = blob("<Name>a</Name>", after="<Metadata><hdi_isfolder>false</hdi_isfolder></Metadata>")
    assert [one.name for one in read(page(mark, other), folder_marks=False)] == ["a"]
    assert [one.name for one in read(page(mark, other))] == ["folder", "a"]


@pytest.mark.parametrize(
    "spoiled",
    [
        b"",
        b"<html>a proxy's page</html>",
        b"<EnumerationResults><Blobs><Blob><Name>a</Name>",
        f"<EnumerationResults><Blobs>{blob('<Name>a</Name>')}".encode(),
    ],
)
def test_a_page_that_is_not_whole_is_no_short_listing(spoiled: bytes) -> None:
    with pytest.raises(HttpResponseError, match="ends in the middle"):
        Page(spoiled)


@pytest.mark.parametrize("spoiled", [blob(""), blob("<Name>a&b</Name>"), "<Blob><Name>a</Name><Properties></Properties></Blob>"])
def test_a_blob_that_cannot_be_read_is_told(spoiled: str) -> None:
    with pytest.raises(HttpResponseError, match="the listing"):
        read(page(spoiled))
