"""Features that were computed before: features/BACKBONE@HASH/ holds Parquet parts, written by workers as they go.

HASH stands for all that features follow from besides the tile: the network's file, its output, and how images are decoded. A
tile is known by its container, path, size and content mark. Whatever is wrong with a part, its tiles are computed again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Container, Iterable, Sequence

from spark_jobs import decode, parts
from spark_jobs.entries import Entry
from spark_jobs.errors import NotFoundError, StorageError
from spark_jobs.network import Network
from spark_jobs.prefetch import in_order
from spark_jobs.stores import Store

CONTAINER = "features"
PART = re.compile(r"(?P<folder>[^/]+)/(?P<tiles>\d+)-[0-9a-f]{32}\.parquet")
READERS = 16
AHEAD = 4

log = logging.getLogger(__name__)


def folder_of(network: Network) -> str:
    """The cache folder of a network's features: BACKBONE@HASH."""
    identity = [network.sha256, network.output, network.side, decode.VERSION, parts.FORMAT]
    return f"{network.name}@{hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:16]}"


class FeatureIndex:
    """Which part holds which tile, by the tile's digest. What is not a whole part is removed and counted in `damaged`."""

    def __init__(self, store: Store, folder: str) -> None:
        """Read it from the parts' footers, a small request for each."""
        self.damaged = 0
        self._parts: dict[bytes, str] = {}
        try:
            found = [entry for entry in store.list(CONTAINER, f"{folder}/") if PART.fullmatch(entry.name)]
        except NotFoundError:
            found = []
        with ThreadPoolExecutor(READERS) as pool:
            for entry, digests in zip(found, pool.map(lambda entry: _digests(store, entry), found)):
                if digests is None:
                    self.damaged += 1
                self._parts.update(dict.fromkeys(digests or (), entry.name))

    def parts_of(self, digests: Iterable[bytes]) -> list[str]:
        """The parts that hold some of these tiles, sorted by name."""
        return sorted({self._parts[digest] for digest in digests if digest in self._parts})


class FeatureCache:
    """A worker's hand in one cache folder. Counts what went wrong in `damaged` and `unwritten`; neither fails a job."""

    def __init__(self, store: Store, folder: str) -> None:
        self._store, self._folder = store, folder
        self.damaged = self.unwritten = 0

    def load(self, pool: ThreadPoolExecutor, names: Sequence[str], wanted: Container[bytes]) -> dict[bytes, parts.Result]:
        """What the parts hold of the wanted digests. A damaged part is removed."""
        kept: dict[bytes, parts.Result] = {}
        for rows in in_order(pool, self._read, names, AHEAD):
            self.damaged += rows is None
            for digest, (features, reason) in (rows or {}).items():
                if digest in wanted:  # a copy, since a view would keep the whole part
                    kept[digest] = (None if features is None else features.copy(), reason)
        return kept

    def save(self, rows: Sequence[parts.Kept]) -> None:
        """Write one part, as a whole or not at all."""
        try:
            self._store.put(CONTAINER, f"{self._folder}/{parts.name_of(rows)}", parts.pack(rows))
        except StorageError as error:
            log.warning("%s", error)
            self.unwritten += 1

    def _read(self, name: str) -> dict[bytes, parts.Result] | None:
        try:
            return parts.unpack(self._store.get(CONTAINER, name))
        except NotFoundError:  # pruned since it was listed
            return {}
        except StorageError as error:
            log.warning("%s", error)
            return None
        except parts.DamagedPartError as error:
            _remove(self._store, name, error)
            return None


def _digests(store: Store, entry: Entry) -> list[bytes] | None:
    """The digests in a part; None, and the part is removed, when it is damaged."""
    reason: Exception | None = None
    for length in (parts.FOOTER, entry.size):
        try:
            return parts.digests_in(store.tail(CONTAINER, entry, length))
        except NotFoundError:
            return []
        except (parts.DamagedPartError, StorageError) as error:
            reason = error
    _remove(store, entry.name, reason)
    return None


def _remove(store: Store, name: str, reason: object) -> None:
    log.warning("the part %s is damaged and will be removed: %s", name, reason)
    try:
        store.delete(CONTAINER, name)
    except StorageError as error:
        log.warning("%s", error)
