"""The feature cache in the container `features`: what it holds, whom it serves, and its removal."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from aerial_ops.backbones.store import published, published_names
from aerial_ops.errors import BlobNotFoundError, UsageError
from aerial_ops.storage.blobs import BlobInfo, BlobStore
from aerial_ops.storage.layout import FEATURES, TRAINED, retrained_description
from spark_jobs.cache import PART, folder_of
from spark_jobs.network import Network

THREADS = 16


@dataclass(frozen=True, slots=True)
class CachedFeatures:
    """One folder BACKBONE@HASH. `state` is unused when no network of the account makes these features any more.

    `tiles` counts features: two jobs at a time may have kept the same tile in two parts.
    """

    folder: str
    backbone: str
    state: Literal["in use", "unused"]
    parts: int
    tiles: int
    bytes: int
    newest: datetime

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {**asdict(self), "newest": self.newest.isoformat()}


def list_features(store: BlobStore) -> list[CachedFeatures]:
    """Every folder of the cache, by name."""
    live = _live(store)
    return [_summary(folder, blobs, live) for folder, blobs in sorted(_folders(store).items())]


def prune_features(store: BlobStore, backbone: str = "", everything: bool = False) -> list[CachedFeatures]:
    """Remove what no network of the account can use, or all features of `backbone`, or everything; what was removed.

    A running job computes again what it no longer finds. Raises UsageError when nothing is kept of `backbone`.
    """
    live, folders = _live(store), _folders(store)
    found = [_summary(folder, blobs, live) for folder, blobs in sorted(folders.items())]
    if backbone:
        chosen = [each for each in found if backbone in (each.backbone, each.folder)]
        if not chosen:
            raise UsageError(f"No features of {backbone!r} are kept.", suggestion="List them: aerial-ops features list")
    else:
        chosen = [each for each in found if everything or each.state == "unused"]
    names = [blob.name for each in chosen for blob in folders[each.folder]]
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda name: store.delete(FEATURES, name), names))
    return chosen


def _folders(store: BlobStore) -> dict[str, list[BlobInfo]]:
    """The parts of each folder; what is no part is not ours."""
    folders: dict[str, list[BlobInfo]] = {}
    try:
        for blob in store.list(FEATURES):
            if match := PART.fullmatch(blob.name):
                folders.setdefault(match["folder"], []).append(blob)
    except BlobNotFoundError:
        return {}
    return folders


def _live(store: BlobStore) -> set[str]:
    """The folders of the networks that jobs on this account can use now."""
    return {folder_of(network) for network in (*_backbones(store), *_retrained(store))}


def _backbones(store: BlobStore) -> Iterator[Network]:
    for name in published_names(store):
        if there := published(store, name):
            yield Network(there.name, there.sha256, there.side, "features", there.length)


def _retrained(store: BlobStore) -> Iterator[Network]:
    try:
        names = [blob.name.partition("/")[0] for blob in store.list(TRAINED) if blob.name.endswith("/model.onnx")]
    except BlobNotFoundError:
        return
    for name in names:
        try:
            about = json.loads(store.read(TRAINED, retrained_description(name)))
            yield Network(name, about["sha256"], int(about["side"]), "scores", int(about["length"]))
        except (BlobNotFoundError, ValueError, KeyError, TypeError):
            continue  # incomplete: no job can use it


def _summary(folder: str, blobs: list[BlobInfo], live: set[str]) -> CachedFeatures:
    tiles = sum(int(match["tiles"]) for blob in blobs if (match := PART.fullmatch(blob.name)))
    return CachedFeatures(
        folder,
        folder.partition("@")[0],
        "in use" if folder in live else "unused",
        len(blobs),
        tiles,
        sum(blob.size for blob in blobs),
        max(blob.last_modified for blob in blobs),
    )
