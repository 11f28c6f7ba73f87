"""A store of containers, whatever it is made of, and what it takes to open one."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator, Mapping, Protocol
from urllib.parse import unquote, urlsplit

from spark_jobs.blobs import BlobStore
from spark_jobs.entries import Entry, Level
from spark_jobs.folders import FolderStore
from spark_jobs.transport import RETRY_SECONDS


class Store(Protocol):
    """Containers of named bytes. Methods raise StorageError, or NotFoundError for what is not there."""

    def list(self, container: str, prefix: str = "") -> Iterator[Entry]:
        """What is there below `prefix`."""

    def level(self, container: str, prefix: str = "") -> Level:
        """What is there directly below `prefix`, and the folders in which the rest lies; a store may find none of these."""

    def fetch(self, container: str, name: str) -> tuple[Entry, bytes]:
        """The bytes of one name, and what a listing would have said of them."""

    def get(self, container: str, name: str) -> bytes:
        """The bytes of one name."""

    def tail(self, container: str, entry: Entry, length: int) -> bytes:
        """The last `length` bytes of what was listed, or all of them when it is shorter."""

    def put(self, container: str, name: str, data: bytes, content_type: str = "application/octet-stream") -> None:
        """Write as a whole or not at all."""

    def exists(self, container: str, name: str) -> bool:
        """Whether the name is there."""

    def delete(self, container: str, name: str) -> None:
        """Remove the name; nothing happens when it is not there."""


@dataclass(frozen=True)
class Access:
    """What it takes to reach some containers: picklable, to be sent to workers. `tokens` are secret, one SAS a container."""

    endpoint: str
    connect_to: str = ""
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)


def open_store(access: Access, retry_seconds: float = RETRY_SECONDS) -> Store:
    """The store behind `access`: a storage account, or a local folder for file:// endpoints."""
    if access.endpoint.startswith("file:"):
        return FolderStore(Path(unquote(urlsplit(access.endpoint).path)))
    return BlobStore(access.endpoint, access.tokens, access.connect_to, retry_seconds)
