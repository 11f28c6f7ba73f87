"""What a sync asks of a source, and what a source hands over."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from aerial_ops.storage.blobs import BlobStore

How = Literal["uploaded", "copied", "streamed"]


class SourceFile(NamedTuple):
    """One file: its name below the container, its size in bytes, a `version` that changes when it does, its MD5 if known."""

    name: str
    size: int
    version: str
    md5: bytes = b""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a container's source holds; `skipped` counts hidden files, `problems` are sentences about unusable ones."""

    files: Sequence[SourceFile]
    skipped: int = 0
    problems: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it was sent, MD5 included, and the way it took."""

    file: SourceFile
    how: How


class FileProblemError(Exception):
    """One file cannot be sent; the others can."""


class Source(Protocol):
    """Where images come from. Its methods may be called from many threads."""

    @property
    def label(self) -> str:
        """The place without any secret."""

    @property
    def containers(self) -> tuple[str, ...]:
        """The containers that it may fill."""

    def place(self, container: str) -> str:
        """A key for what is known of the container's files."""

    def list(self, container: str) -> Listing | None:
        """Its files; None when the source does not have this container."""

    def md5(self, container: str, file: SourceFile) -> bytes:
        """The MD5 of the file's bytes, b"" when the file is no longer the one that was listed. Raises FileProblemError."""

    def settled(self, file: SourceFile) -> bool:
        """Whether `version` is sure to change when the file changes again."""

    def send(self, container: str, file: SourceFile, store: BlobStore) -> Sent:
        """Put the file into `container` of `store` as a whole or not at all. Raises FileProblemError or StorageError."""
