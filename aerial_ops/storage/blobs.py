"""The blob adapter: the only module that imports azure-storage-blob."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from azure.core.exceptions import AzureError, HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobServiceClient, ContainerClient, ContentSettings
from pydantic import SecretStr

from aerial_ops.clouds.base import Cloud, StorageEndpoint
from aerial_ops.errors import BlobNotFoundError, StorageError


@dataclass(frozen=True, slots=True)
class BlobInfo:
    """One blob as a listing shows it; `md5` is its Content-MD5, empty when the service has none."""

    name: str
    size: int
    md5: bytes
    etag: str
    last_modified: datetime


class BlobStore:
    """One storage account. Methods raise StorageError, or BlobNotFoundError for what is not there."""

    def __init__(self, endpoint: StorageEndpoint, transport: Any = None) -> None:
        self.endpoint = endpoint
        credential: Any = endpoint.credential
        if isinstance(credential, SecretStr):
            credential = {"account_name": endpoint.account, "account_key": credential.get_secret_value()}
        extra = {"transport": transport} if transport is not None else {}
        self.service = BlobServiceClient(endpoint.url, credential=credential, retry_total=8, **extra)

    @classmethod
    def of(cls, cloud: Cloud) -> "BlobStore":
        """The storage account of `cloud`."""
        return cls(cloud.storage(), cloud.blob_transport())

    def container(self, name: str) -> ContainerClient:
        """The SDK's client of one container."""
        return self.service.get_container_client(name)

    def ensure_containers(self, names: Iterable[str]) -> None:
        """Make the containers that are missing."""
        for name in names:
            with _explained(f"make the container {name}"):
                try:
                    self.container(name).create_container()
                except ResourceExistsError:
                    continue

    def list(self, container: str, prefix: str = "") -> Iterator[BlobInfo]:
        """Every blob below `prefix`, by name."""
        with _explained(f"list {container}/{prefix}"):
            for blob in self.container(container).list_blobs(name_starts_with=prefix or None):
                md5 = bytes(blob.content_settings.content_md5 or b"")
                yield BlobInfo(blob.name, blob.size, md5, blob.etag, blob.last_modified)

    def exists(self, container: str, name: str) -> bool:
        """Whether the blob is there; False when its container is not."""
        with _explained(f"look for {container}/{name}"):
            return bool(self.container(container).get_blob_client(name).exists())

    def read(self, container: str, name: str) -> bytes:
        """The blob's bytes."""
        with _explained(f"read {container}/{name}"):
            return self.container(container).download_blob(name).readall()

    def write(self, container: str, name: str, data: bytes | str, *, overwrite: bool = True, content_type: str = "") -> None:
        """Put a blob as a whole, with its Content-MD5: it is there complete or not at all."""
        raw = data.encode() if isinstance(data, str) else data
        md5 = bytearray(hashlib.md5(raw, usedforsecurity=False).digest())
        content = ContentSettings(content_type=content_type or "application/octet-stream", content_md5=md5)
        with _explained(f"write {container}/{name}"):
            self.container(container).upload_blob(name, raw, overwrite=overwrite, content_settings=content)

    def delete(self, container: str, name: str) -> None:
        """Remove a blob; nothing happens when it is not there."""
        with _explained(f"delete {container}/{name}"):
            try:
                self.container(container).delete_blob(name)
            except ResourceNotFoundError:
                return


@contextmanager
def _explained(action: str) -> Iterator[None]:
    try:
        yield
    except ResourceNotFoundError as error:
        raise BlobNotFoundError(f"Could not {action}: it does not exist ({_reason(error)}).") from error
    except AzureError as error:
        raise StorageError(
            f"Could not {action}: {_reason(error)}.",
            suggestion="Check that the storage account answers, then run the command again.",
        ) from error


def _reason(error: AzureError) -> str:
    code = getattr(error, "error_code", None)
    if isinstance(error, HttpResponseError) and error.status_code:
        return f"HTTP {error.status_code} {getattr(code, 'value', code) or error.reason or ''}".strip()
    return str(error.message or error).splitlines()[0].rstrip(".")
