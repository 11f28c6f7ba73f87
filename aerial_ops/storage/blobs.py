"""The blob adapter: the only module that imports azure-storage-blob."""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

import requests
from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceModifiedError
from azure.core.pipeline.transport import RequestsTransport
from pydantic import SecretStr
from requests.adapters import HTTPAdapter

from aerial_ops.clouds.base import Cloud, StorageEndpoint
from aerial_ops.errors import StorageError
from aerial_ops.storage.faults import explained, reason
from aerial_ops.storage.listing import BlobInfo
from aerial_ops.storage.permits import permit_for
from aerial_ops.storage.wire import Wire

__all__ = ["SINGLE_PUT_LIMIT", "BlobChangedError", "BlobInfo", "BlobStore", "CopyMethod", "CopyRefusedError"]

RETRIES = 5  # within about a minute: a service that is away for shorter is waited for
CONNECTIONS = 64
SINGLE_PUT_LIMIT = 64 * 1024 * 1024
BLOCK = 8 * 1024 * 1024  # of larger blobs

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient, ContainerClient

CopyMethod = Literal["Put Blob From URL", "Copy Blob From URL"]


class CopyRefusedError(StorageError):
    """The service does not copy this from there; `lasting` when it will not copy anything from there."""

    def __init__(self, message: str, *, lasting: bool) -> None:
        super().__init__(message)
        self.lasting = lasting


class BlobChangedError(StorageError):
    """The blob is another than the one that was listed."""


class BlobStore:
    """One storage account. Methods raise StorageError, StorageAccessError, or BlobNotFoundError for what is not there."""

    def __init__(self, endpoint: StorageEndpoint, transport: Any = None, *, retries: int = RETRIES) -> None:
        self.endpoint = endpoint
        self._transport, self._retries = transport or _pooled_transport(), retries
        self._wire = Wire(endpoint.url, self._transport, permit_for(endpoint), retries)

    @cached_property
    def service(self) -> "BlobServiceClient":
        """The SDK's client of the account, for what is too rare to have requests of its own here; importing it takes 0.2 s."""
        from azure.storage.blob import BlobServiceClient, ExponentialRetry

        credential: Any = self.endpoint.credential
        if isinstance(credential, SecretStr):
            credential = {"account_name": self.endpoint.account, "account_key": credential.get_secret_value()}
        each: dict[str, Any] = {f"retry_{kind}": self._retries for kind in ("total", "connect", "read", "status")}
        return BlobServiceClient(
            self.endpoint.url,
            credential=credential,
            retry_policy=ExponentialRetry(initial_backoff=0, increment_base=2, random_jitter_range=1, **each),
            transport=self._transport,
            max_single_put_size=SINGLE_PUT_LIMIT,
        )

    @classmethod
    def of(cls, cloud: Cloud) -> "BlobStore":
        """The storage account of `cloud`."""
        return cls(cloud.storage(), cloud.blob_transport())

    def container(self, name: str) -> "ContainerClient":
        """The SDK's client of one container."""
        return self.service.get_container_client(name)

    def ensure_containers(self, names: Iterable[str]) -> None:
        """Make the containers that are missing."""
        for name in names:
            with explained(f"make the container {name}"):
                self._wire.ensure_container(name)

    def list(self, container: str, prefix: str = "") -> Iterator[BlobInfo]:
        """Every blob below `prefix`, by name."""
        with explained(f"list {container}/{prefix}"):
            yield from self._wire.list(container, prefix)

    def exists(self, container: str, name: str) -> bool:
        """Whether the blob is there; False when its container is not."""
        with explained(f"look for {container}/{name}"):
            return self._wire.exists(container, name)

    def read(self, container: str, name: str) -> bytes:
        """The blob's bytes."""
        with explained(f"read {container}/{name}"):
            return self._wire.get(container, name)

    def write(self, container: str, name: str, data: bytes | str, *, content_type: str = "") -> None:
        """Put a blob as a whole, with its Content-MD5: it is there complete or not at all."""
        raw = data.encode() if isinstance(data, str) else data
        kind = content_type or "application/octet-stream"
        if len(raw) > SINGLE_PUT_LIMIT:
            self.put_blocks(container, name, (raw[begin : begin + BLOCK] for begin in range(0, len(raw), BLOCK)), kind)
        else:
            self.put(container, name, raw, hashlib.md5(raw, usedforsecurity=False).digest(), kind)

    def delete(self, container: str, name: str) -> None:
        """Remove a blob; nothing happens when it is not there."""
        with explained(f"delete {container}/{name}"):
            self._wire.delete(container, name)

    def list_files(self, container: str, prefix: str = "") -> Iterator[BlobInfo]:
        """As `list`, without the empty blobs by which Hadoop and hierarchical accounts mark folders."""
        with explained(f"list {container}/{prefix}"):
            yield from self._wire.list(container, prefix, folder_marks=False)

    def put(self, container: str, name: str, data: bytes, md5: bytes, content_type: str) -> None:
        """Put a blob of at most SINGLE_PUT_LIMIT bytes in one request; the service checks `md5` on arrival and keeps it."""
        with explained(f"write {container}/{name}"):
            self._wire.put(container, name, data, md5, content_type)

    def put_blocks(self, container: str, name: str, blocks: Iterable[bytes], content_type: str) -> bytes:
        """Put a blob of any size block by block and give its MD5; it appears, or changes, when the last block is there.

        An error out of `blocks` leaves the blob as it was.
        """
        staged, upload, whole = [], uuid4().hex, hashlib.md5(usedforsecurity=False)
        with explained(f"write {container}/{name}"):
            for number, block in enumerate(blocks):
                whole.update(block)
                staged.append(base64.b64encode(f"{upload}-{number:06}".encode()).decode())
                self._wire.put_block(container, name, staged[-1], block)
            self._wire.put_block_list(container, name, staged, whole.digest(), content_type)
        return whole.digest()

    def read_blocks(self, container: str, name: str, etag: str, size: int) -> Iterator[bytes]:
        """The bytes of the blob as it was when it had `etag`; BlobChangedError when it has changed since."""
        with explained(f"read {container}/{name}"):
            try:
                if size <= SINGLE_PUT_LIMIT:
                    yield self._wire.get(container, name, etag)
                    return
                blob = self.container(container).get_blob_client(name)
                yield from blob.download_blob(etag=etag, match_condition=MatchConditions.IfNotModified).chunks()
            except ResourceModifiedError as error:
                raise BlobChangedError(f"{container}/{name} has changed.") from error

    def source_url(self, container: str, name: str) -> str:
        """The address from which another account may copy this blob, a SAS included where that is the credential: a secret."""
        url = self.container(container).get_blob_client(name).url
        signature = getattr(self.endpoint.credential, "signature", "")
        return f"{url}?{signature.lstrip('?')}" if signature else url

    def readable_url(self, container: str, name: str, until: datetime) -> str:
        """An address by which this one blob can be read until then: a secret. Raises StorageError without an account key."""
        key = self.endpoint.credential
        if not isinstance(key, SecretStr):
            raise StorageError(f"Only an account key can sign an address of {container}/{name}.")
        from azure.storage.blob import BlobSasPermissions, generate_blob_sas

        signature = generate_blob_sas(
            self.endpoint.account,
            container,
            name,
            account_key=key.get_secret_value(),
            permission=BlobSasPermissions(read=True),
            expiry=until,
            protocol="https",
        )
        return f"{self.container(container).get_blob_client(name).url}?{signature}"

    def copy(self, container: str, name: str, url: str, *, md5: bytes, method: CopyMethod, token: str = "") -> None:
        """Have the service copy from `url`, checking `md5`; `token` signs in at the source. Raises CopyRefusedError."""
        blob = self.container(container).get_blob_client(name)
        extra: dict[str, Any] = {"retry_total": 1, "retry_connect": 1, "retry_read": 1, "retry_status": 1}
        if token:
            extra["source_authorization"] = f"Bearer {token}"
        with explained(f"copy to {container}/{name}"):
            try:
                if method == "Put Blob From URL":
                    blob.upload_blob_from_url(url, overwrite=True, source_content_md5=bytearray(md5), **extra)
                else:
                    headers = {"x-ms-source-content-md5": base64.b64encode(md5).decode()}
                    blob.start_copy_from_url(url, requires_sync=True, headers=headers, **extra)
            except HttpResponseError as error:
                lasting = error.status_code not in (408, 429, 503)
                raise CopyRefusedError(f"{method} to {container}/{name}: {reason(error)}.", lasting=lasting) from error


def _pooled_transport() -> RequestsTransport:
    """The SDK's transport with enough connections for every thread of a transfer."""
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS))
    return RequestsTransport(session=session, session_owner=False)
