"""The requests that are made a hundred thousand times, or by every command, at a third of the SDK's processor time.

They go over azure-core's transport (its connections, proxies and trust) but past the SDK's pipeline, which costs more than 1 ms
a request, past its XML deserializer (0.4 ms a blob), and without the 0.2 s that importing it takes. Errors are azure-core's.
"""

import base64
import hashlib
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from email.utils import formatdate
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import requests
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceModifiedError,
    ResourceNotFoundError,
    ServiceRequestError,
)
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError

from aerial_ops.errors import redacted
from aerial_ops.storage.ahead import begun
from aerial_ops.storage.listing import BlobInfo, Page
from aerial_ops.storage.permits import Permit

VERSION = "2021-12-02"
TIMEOUTS = (20, 120)  # seconds to connect, and without a byte
PIECE = 65536  # of a body is sent at a time: a socket gives all that it is handed the seconds to connect, however slow the line
FIRST_PAUSE = 0.5  # a server closes idle connections now and then, perhaps just as a request comes
TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
NO_SIGN_IN = "InvalidAuthenticationInfo"  # a key or token that is none of the account's; with status 400
_KINDS: dict[int, type[HttpResponseError]] = {
    401: ClientAuthenticationError,
    403: ClientAuthenticationError,
    404: ResourceNotFoundError,
    412: ResourceModifiedError,
}


class Wire:
    """Requests to one account. Each is repeated `retries` times, after about 0.5, 4, 8, 16 and 32 s."""

    def __init__(self, url: str, transport: Any, permit: Permit, retries: int) -> None:
        self._url, self._permit, self._retries = url.rstrip("/"), permit, retries
        session: requests.Session = transport.session
        self._adapter: Any = session.get_adapter(self._url)
        verify = transport.connection_config.verify
        found = session.merge_environment_settings(self._url, {}, None, verify, None)
        self._options = {key: found[key] for key in ("proxies", "verify", "cert")}

    def put(self, container: str, name: str, data: bytes, md5: bytes, content_type: str) -> None:
        """Put Blob: the service checks `md5` on arrival and keeps it as Content-MD5."""
        digest = base64.b64encode(md5).decode()
        headers = {
            "x-ms-blob-type": "BlockBlob",
            "x-ms-blob-content-md5": digest,
            "Content-MD5": digest,
            "Content-Type": content_type,
            "Content-Length": str(len(data)),
        }
        self._send("PUT", _path(container, name), headers=headers, body=data)

    def put_block(self, container: str, name: str, block_id: str, data: bytes) -> None:
        """Put Block, MD5 checked on arrival; `block_id` is base64, of the same length for every block of the blob."""
        digest = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        headers = {"Content-MD5": digest, "Content-Length": str(len(data))}
        self._send("PUT", _path(container, name), query={"comp": "block", "blockid": block_id}, headers=headers, body=data)

    def put_block_list(self, container: str, name: str, block_ids: Iterable[str], md5: bytes, content_type: str) -> None:
        """Put Block List: the blob is these blocks, and keeps `md5` as Content-MD5."""
        named = "".join(f"<Latest>{block_id}</Latest>" for block_id in block_ids)
        body = f'<?xml version="1.0" encoding="utf-8"?><BlockList>{named}</BlockList>'.encode()
        headers = {
            "x-ms-blob-content-md5": base64.b64encode(md5).decode(),
            "x-ms-blob-content-type": content_type,
            "Content-Type": "application/xml",
            "Content-Length": str(len(body)),
        }
        self._send("PUT", _path(container, name), query={"comp": "blocklist"}, headers=headers, body=body)

    def get(self, container: str, name: str, etag: str = "") -> bytes:
        """Get Blob; with an `etag` as it was when it had that. Raises ResourceModifiedError when it has changed."""
        quoted = etag if etag.startswith('"') else f'"{etag}"'
        return self._send("GET", _path(container, name), headers={"If-Match": quoted} if etag else None)

    def exists(self, container: str, name: str) -> bool:
        """Get Blob Properties: whether there are any."""
        try:
            self._send("HEAD", _path(container, name))
        except ResourceNotFoundError:
            return False
        return True

    def delete(self, container: str, name: str) -> None:
        """Delete Blob, where it is there."""
        try:
            self._send("DELETE", _path(container, name))
        except ResourceNotFoundError:
            return

    def ensure_container(self, name: str) -> None:
        """Create Container, where it is not there."""
        try:
            self._send("PUT", _path(name), query={"restype": "container"})
        except HttpResponseError as error:
            if error.error_code != "ContainerAlreadyExists":  # type: ignore[attr-defined]
                raise

    def list(self, container: str, prefix: str = "", *, folder_marks: bool = True) -> Iterator[BlobInfo]:
        """List Blobs, page by page; `folder_marks`: also the empty blobs that mark folders (Hadoop, hierarchical accounts)."""
        query = {"restype": "container", "comp": "list"}
        if prefix:
            query["prefix"] = prefix
        if not folder_marks:
            query["include"] = "metadata"

        def page(marker: str) -> Page:
            return Page(self._send("GET", _path(container), query=query | ({"marker": marker} if marker else {})))

        coming: Callable[[], Page] | None = partial(page, "")
        while coming:
            here = coming()
            coming = begun(partial(page, here.next)) if here.next else None  # the service makes it while this one is read
            yield from here.blobs(folder_marks=folder_marks)

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> bytes:
        for attempt in range(1, self._retries + 2):
            request = self._request(method, path, query or {}, headers or {})
            request.body = body if body is None or len(body) <= PIECE else _pieces(body)
            try:
                response: requests.Response = self._adapter.send(request, stream=True, timeout=TIMEOUTS, **self._options)
                answer: bytes = response.raw.read(decode_content=False)
            except (requests.RequestException, HTTPError, OSError) as error:
                if attempt > self._retries or isinstance(error, requests.exceptions.SSLError):
                    raise ServiceRequestError(redacted(str(error)), error=error) from error
            else:
                if response.ok:
                    return answer
                if attempt > self._retries or response.status_code not in TRANSIENT:
                    raise _error(response)
            time.sleep((FIRST_PAUSE if attempt == 1 else 2**attempt) * random.uniform(0.75, 1.25))  # noqa: S311 - spreads the load
        raise AssertionError("unreachable")

    def _request(self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> requests.PreparedRequest:
        request = requests.PreparedRequest()
        request.method = method
        request.url = f"{self._url}{path}?{urlencode(query, quote_via=quote)}" if query else f"{self._url}{path}"
        request.headers = CaseInsensitiveDict({"x-ms-version": VERSION, "x-ms-date": formatdate(usegmt=True), **headers})
        request.hooks = {}
        self._permit.apply(request, query)
        return request


def _pieces(body: bytes) -> Iterator[bytes]:
    return (body[begin : begin + PIECE] for begin in range(0, len(body), PIECE))


def _path(container: str, name: str = "") -> str:
    return f"/{container}/{quote(name, safe='/~')}" if name else f"/{container}"


def _error(response: requests.Response) -> HttpResponseError:
    code = response.headers.get("x-ms-error-code", "")
    kind = ClientAuthenticationError if code == NO_SIGN_IN else _KINDS.get(response.status_code, HttpResponseError)
    error = kind(f"HTTP {response.status_code} {code or response.reason}")
    error.status_code, error.reason, error.error_code = response.status_code, response.reason, code  # type: ignore[attr-defined]
    return error
