"""What a sync left in a container: one JSON blob in `cluster`, written last, and one hash for all the data."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from operator import attrgetter
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from aerial_ops.errors import BlobNotFoundError, DataError
from aerial_ops.storage import layout
from aerial_ops.storage.blobs import BlobInfo, BlobStore


class ManifestFile(BaseModel):
    """One blob: size in bytes, MD5 in hexadecimal (empty when the service keeps none)."""

    model_config = ConfigDict(frozen=True)

    name: str
    size: int
    md5: str


class Manifest(BaseModel):
    """A container's content when a sync had verified it; `extra` counts blobs that the source did not have."""

    model_config = ConfigDict(frozen=True)

    schema_version: Literal[1] = 1
    container: str
    source: str
    made_at: datetime
    count: int
    bytes: int
    extra: int
    data_hash: str
    files: list[ManifestFile]


def make_manifest(container: str, source: str, blobs: Iterable[BlobInfo], extra: int) -> Manifest:
    """The manifest of `blobs`, sorted by name."""
    known = list(blobs)
    files = [ManifestFile.model_construct(name=b.name, size=b.size, md5=b.md5.hex()) for b in _sorted(known)]
    return Manifest(
        container=container,
        source=source,
        made_at=datetime.now(UTC).replace(microsecond=0),
        count=len(files),
        bytes=sum(file.size for file in files),
        extra=extra,
        data_hash=hash_of(known),
        files=files,
    )


def write_manifest(store: BlobStore, manifest: Manifest) -> None:
    """Put the manifest in its place."""
    store.ensure_containers([layout.CLUSTER])
    store.write(
        layout.CLUSTER, layout.manifest(manifest.container), manifest.model_dump_json() + "\n", content_type="application/json"
    )


def read_manifest(store: BlobStore, container: str) -> Manifest | None:
    """The manifest of `container`, None when no sync has left one. Raises DataError when it is damaged."""
    try:
        raw = store.read(layout.CLUSTER, layout.manifest(container))
    except BlobNotFoundError:
        return None
    try:
        return Manifest.model_validate_json(raw)
    except ValidationError as error:
        where = f"{layout.CLUSTER}/{layout.manifest(container)}"
        raise DataError(
            f"The manifest {where} is damaged or of another version.", suggestion="Make it anew: aerial-ops sync --source SOURCE"
        ) from error


def hash_of(blobs: Iterable[BlobInfo]) -> str:
    """SHA-256 over `name NUL size NUL md5 NEWLINE` of the blobs sorted by name, in hexadecimal.

    Of a container's listing it equals the manifest's `data_hash` until somebody changes a blob.
    """
    whole = hashlib.sha256()
    for blob in _sorted(blobs):
        whole.update(f"{blob.name}\0{blob.size}\0{blob.md5.hex()}\n".encode())
    return whole.hexdigest()


def _sorted(blobs: Iterable[BlobInfo]) -> list[BlobInfo]:
    return sorted(blobs, key=attrgetter("name"))  # the order of code points is that of UTF-8's bytes
