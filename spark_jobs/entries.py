"""What a listing says of a blob."""

from __future__ import annotations

import hashlib
from typing import NamedTuple


class Entry(NamedTuple):
    """One blob: `mark` stands for its content (md5:..., else etag:...; of a local file mtime:...) and changes with it."""

    name: str
    size: int
    mark: str

    def digest(self, container: str) -> bytes:
        """16 bytes that stand for this content at this place."""
        return hashlib.blake2b(f"{container}\0{self.name}\0{self.size}\0{self.mark}".encode(), digest_size=16).digest()


class Level(NamedTuple):
    """What lies directly below a prefix, and the names, with their slash, of the folders in which the rest lies."""

    entries: list[Entry]
    folders: list[str]
