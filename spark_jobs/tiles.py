"""The image tiles of a container: listed once, sampled before a byte of them is read."""

from __future__ import annotations

import hashlib
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Iterable, Mapping, NamedTuple, Sequence

from spark_jobs.errors import DataError, NotFoundError
from spark_jobs.spec import ImageSet
from spark_jobs.stores import Store

LISTERS = 8  # folders at a time
EXTENSIONS = (".png", ".jpg", ".jpeg", ".tif", ".tiff")


class Tile(NamedTuple):
    """One image: its path within the container, its label (the first folder; empty when it lies in none), its content's mark."""

    path: str
    label: str
    size: int = 0
    mark: str = ""


def list_sets(store: Store, sets: Mapping[str, ImageSet]) -> dict[str, list[Tile]]:
    """`list_tiles` of several sets, at the same time."""
    with ThreadPoolExecutor(max(1, len(sets))) as pool:
        return dict(zip(sets, pool.map(lambda images: list_tiles(store, images), sets.values())))


def list_tiles(store: Store, images: ImageSet) -> list[Tile]:
    """The images of a set, sorted by path; the label is the first folder below the prefix. Raises DataError for none.

    Folders are listed at the same time.
    """
    where = images.where
    try:
        found, folders = store.level(images.container, images.prefix)
        with ThreadPoolExecutor(LISTERS) as pool:
            for part in pool.map(lambda folder: list(store.list(images.container, folder)), folders):
                found += part
    except NotFoundError:
        raise DataError(f"The container {images.container} does not exist.", "Sync the images first: aerial-ops sync") from None
    found = sorted(entry for entry in found if entry.name.lower().endswith(EXTENSIONS))
    if not found:
        raise DataError(f"{where} holds no images ({', '.join(EXTENSIONS)}).", "Sync the images first: aerial-ops sync")
    return [Tile(name, sys.intern(_label(name, images.prefix)), size, mark) for name, size, mark in found]


def _label(name: str, prefix: str) -> str:
    inside = name[len(prefix) :].lstrip("/")
    return inside.split("/", 1)[0] if "/" in inside else ""


def sample_tiles(tiles: Iterable[Tile], fraction: float, seed: int, by_label: bool) -> list[Tile]:
    """A stable share of the tiles, sorted by path: of each label (or of all) the rounded fraction, and one at least.

    Tiles are ranked by a hash of (seed, path), so a smaller fraction is a subset of a larger one and new tiles move few others.
    """
    groups: dict[str, list[Tile]] = defaultdict(list)
    for tile in tiles:
        groups[tile.label if by_label else ""].append(tile)
    if fraction >= 1:
        return sorted(tile for group in groups.values() for tile in group)
    kept: list[Tile] = []
    for group in groups.values():
        wanted = max(1, int(len(group) * fraction + 0.5))
        kept += sorted(group, key=lambda tile: (_rank(seed, tile.path), tile.path))[:wanted]
    return sorted(kept)


def _rank(seed: int, path: str) -> bytes:
    return hashlib.blake2b(f"{seed}/{path}".encode(), digest_size=8).digest()


def check_labels(train: Sequence[Tile], test: Sequence[Tile]) -> list[str]:
    """The classes, sorted: at least two, and the same folders in train and test. Raises DataError."""
    folders = []
    for name, tiles in (("train", train), ("test", test)):
        loose = [tile.path for tile in tiles if not tile.label]
        if loose:
            raise DataError(
                f"{len(loose)} images of the {name} set lie in no class folder.",
                "Put every image into a folder named after its class.",
                loose[:10],
            )
        folders.append({tile.label for tile in tiles})
    trained, tested = folders
    if len(trained) < 2:
        raise DataError(f"The train set has one class only ({', '.join(trained)}).", "A classifier needs two classes at least.")
    missing, unknown = sorted(trained - tested), sorted(tested - trained)
    if missing:
        raise DataError(
            f"The test set has no folder for {', '.join(missing)}.", "Add test images of every class of the train set."
        )
    if unknown:
        raise DataError(
            f"The test set has classes that the train set does not know: {', '.join(unknown)}.",
            "Remove these folders from the test set, or add training images of them.",
        )
    return sorted(trained)
