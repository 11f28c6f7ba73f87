"""Blobs over REST, with the standard library only: what the jobs need of Azure Storage, small and fast."""

from __future__ import annotations

import base64
import hashlib
from typing import Callable, Iterator, Mapping
from urllib.parse import quote, unquote, urlencode
from xml.etree import ElementTree

from spark_jobs.connection import Response
from spark_jobs.entries import Entry, Level
from spark_jobs.errors import NotFoundError, StorageError
from spark_jobs.transport import RETRY_SECONDS, DamagedError, Transport

API_VERSION = "2020-12-06"
PAGE = 5000


class BlobStore:
    """One storage account, with the containers that `tokens` open (container name -> SAS).

    Methods raise StorageError, or NotFoundError for what is not there. Names are relative to the container.
    """

    def __init__(
        self, endpoint: str, tokens: Mapping[str, str], connect_to: str = "", retry_seconds: float = RETRY_SECONDS
    ) -> None:
        self._tokens = tokens
        self._transport = Transport(endpoint, connect_to, retry_seconds)

    def list(self, container: str, prefix: str = "") -> Iterator[Entry]:
        """All blobs whose names begin with `prefix`, 5000 a request."""
        for page in self._pages(container, prefix):
            yield from map(_entry, page.iterfind("./Blobs/Blob"))

    def level(self, container: str, prefix: str = "") -> Level:
        """As `list`, but of what lies in folders below `prefix`, only the folders' names with their slash."""
        blobs: list[Entry] = []
        folders: list[str] = []
        for page in self._pages(container, prefix, delimiter="/"):
            blobs += map(_entry, page.iterfind("./Blobs/Blob"))
            folders += map(_name, page.iterfind("./Blobs/BlobPrefix"))
        return Level(blobs, folders)

    def fetch(self, container: str, name: str) -> tuple[Entry, bytes]:
        """The blob's bytes, checked against its Content-MD5 where it has one, and what a listing would have said of them."""
        found = self._send("GET", container, name, f"read {container}/{name}", check=_undamaged)
        mark = _mark(found.headers.get("content-md5"), found.headers.get("etag"))
        return Entry(name, len(found.body), mark), found.body

    def get(self, container: str, name: str) -> bytes:
        """The blob's bytes, checked as in `fetch`."""
        return self.fetch(container, name)[1]

    def tail(self, container: str, entry: Entry, length: int) -> bytes:
        """The last `length` bytes of a listed blob, or all of it when it is shorter."""
        headers = {"x-ms-range": f"bytes={max(0, entry.size - length)}-"}
        return self._send("GET", container, entry.name, f"read {container}/{entry.name}", headers=headers).body

    def put(self, container: str, name: str, data: bytes, content_type: str = "application/octet-stream") -> None:
        """Put the blob in one request: it is there as a whole or not at all."""
        md5 = base64.b64encode(hashlib.md5(data).digest()).decode()  # noqa: S324 - the service's checksum
        headers = {"x-ms-blob-type": "BlockBlob", "Content-MD5": md5, "x-ms-blob-content-type": content_type}
        self._send("PUT", container, name, f"write {container}/{name}", body=data, headers=headers)

    def exists(self, container: str, name: str) -> bool:
        """Whether the blob is there; False when its container is not."""
        try:
            self._send("HEAD", container, name, f"look for {container}/{name}")
        except NotFoundError:
            return False
        return True

    def delete(self, container: str, name: str) -> None:
        """Remove the blob; nothing happens when it is not there."""
        try:
            self._send("DELETE", container, name, f"delete {container}/{name}")
        except NotFoundError:
            return

    def _pages(self, container: str, prefix: str, **more: str) -> Iterator[ElementTree.Element]:
        query = {"restype": "container", "comp": "list", "maxresults": str(PAGE), **more}
        query.update({"prefix": prefix} if prefix else {})
        while True:
            page = self._send("GET", container, "", f"list {container}/{prefix}", query=query, check=_ended)
            try:
                root = ElementTree.fromstring(page.body)  # noqa: S314 - the storage service's own answer
            except ElementTree.ParseError as error:
                raise StorageError(f"Could not list {container}/{prefix}: the answer is no listing ({error}).") from error
            yield root
            query["marker"] = root.findtext("NextMarker") or ""
            if not query["marker"]:
                return

    def _send(
        self,
        method: str,
        container: str,
        name: str,
        action: str,
        query: dict[str, str] | None = None,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        check: Callable[[Response], None] = lambda response: None,
    ) -> Response:
        if container not in self._tokens:
            raise StorageError(f"Could not {action}: the job holds no access to the container {container}.")
        path = "/" + quote(f"{container}/{name}" if name else container)
        target = path + "?" + (urlencode(query) + "&" if query else "") + self._tokens[container]
        response = self._transport.request(method, target, body, {"x-ms-version": API_VERSION, **(headers or {})}, check)
        if response.status < 300:
            return response
        code = response.headers.get("x-ms-error-code", "")
        reason = f"HTTP {response.status} {code}".strip()
        if response.status == 404:
            raise NotFoundError(f"Could not {action}: it does not exist ({reason}).")
        suggestion = "Check that the cluster's configuration holds this account's key." if response.status in (401, 403) else ""
        raise StorageError(f"Could not {action}: the storage account refused ({reason}).", suggestion)


def _entry(blob: ElementTree.Element) -> Entry:
    mark = _mark(blob.findtext("Properties/Content-MD5"), blob.findtext("Properties/Etag"))
    return Entry(_name(blob), int(blob.findtext("Properties/Content-Length") or 0), mark)


def _name(item: ElementTree.Element) -> str:
    name = item.find("Name")
    text = (name.text if name is not None else None) or ""
    return unquote(text) if name is not None and name.get("Encoded") == "true" else text


def _mark(md5: str | None, etag: str | None) -> str:
    return f"md5:{md5}" if md5 else "etag:" + (etag or "").strip('"')


def _undamaged(response: Response) -> None:
    expected = response.headers.get("content-md5")
    if response.status == 200 and expected:
        found = base64.b64encode(hashlib.md5(response.body).digest()).decode()  # noqa: S324 - the service's checksum
        if found != expected:
            raise DamagedError(f"Content-MD5 {expected} was promised, {found} came")


def _ended(response: Response) -> None:
    # A listing that was cut short lacks its end; parsing it here and again afterwards would double the time of long ones.
    if response.status == 200 and not response.body.rstrip().endswith(b"</EnumerationResults>"):
        raise DamagedError("the listing has no end")
