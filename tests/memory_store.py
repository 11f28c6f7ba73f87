"""A blob store in memory, with the methods of `BlobStore` that reading code uses."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from aerial_ops.errors import BlobNotFoundError
from aerial_ops.storage.blobs import BlobChangedError, BlobInfo


class MemoryStore:
    def __init__(self) -> None:
        self.blobs: dict[tuple[str, str], bytes] = {}

    def list(self, container: str, prefix: str = "") -> Iterator[BlobInfo]:
        if not any(kept == container for kept, _ in self.blobs):
            raise BlobNotFoundError(f"Could not list {container}/{prefix}: it does not exist.")
        for (kept, name), raw in sorted(self.blobs.items()):
            if kept == container and name.startswith(prefix):
                md5 = hashlib.md5(raw, usedforsecurity=False).digest()
                yield BlobInfo(name, len(raw), md5, md5.hex(), datetime(2026, 1, 1, tzinfo=UTC))

    def exists(self, container: str, name: str) -> bool:
        return (container, name) in self.blobs

    def read(self, container: str, name: str) -> bytes:
        try:
            return self.blobs[container, name]
        except KeyError:
            raise BlobNotFoundError(f"Could not read {container}/{name}: it does not exist.") from None

    def read_blocks(self, container: str, name: str, etag: str, size: int) -> Iterator[bytes]:
        raw = self.read(container, name)
        if hashlib.md5(raw, usedforsecurity=False).hexdigest() != etag:
            raise BlobChangedError(f"{container}/{name} has changed.")
        yield raw

    def write(self, container: str, name: str, data: bytes | str, *, content_type: str = "") -> None:
        self.blobs[container, name] = data.encode() if isinstance(data, str) else data

    def delete(self, container: str, name: str) -> None:
        self.blobs.pop((container, name), None)
