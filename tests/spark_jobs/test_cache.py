"""The cache on one worker's hands: what is looked up, what is written, and what happens to damaged parts."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from spark_jobs import cache, decode
from spark_jobs.cache import CONTAINER, PART, FeatureCache, FeatureIndex, folder_of
from spark_jobs.cutting import SLICE, cut
from spark_jobs.entries import Entry
from spark_jobs.errors import NotFoundError, StorageError
from spark_jobs.folders import FolderStore
from spark_jobs.network import Network, Session
from spark_jobs.slices import Order, Row, Slice, featurise_slice
from spark_jobs.tally import Tally
from tests.spark_jobs.conftest import LENGTH, SIDE, png, tiny_network

Worker = Callable[..., tuple[list[Row], Tally]]
NETWORK = Network("tiny", hashlib.sha256(tiny_network()).hexdigest(), SIDE, "features", LENGTH)


class CountingStore(FolderStore):
    """Remembers which names were read; `sessions` counts those that were opened meanwhile."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.reads: list[str] = []
        self.last: list[str] = []
        self.sessions = 0

    def fetch(self, container: str, name: str) -> tuple[Entry, bytes]:
        self.reads.append(f"{container}/{name}")
        return super().fetch(container, name)


@pytest.fixture
def store(tmp_path: Path) -> CountingStore:
    made = CountingStore(tmp_path / "store")
    for at in range(40):
        made.put("train", f"A/{at:03d}.png", b"no image" if at == 7 else png((6 * at, 50, 90), at))
    return made


@pytest.fixture
def work(tmp_path: Path, store: CountingStore) -> Worker:
    """Featurise the tiles below a prefix, by a network's cache; the rows and the tally."""
    file = tmp_path / "tiny.onnx"
    file.write_bytes(tiny_network())
    session = Session(str(file), NETWORK)

    def open_session() -> Session:
        store.sessions += 1
        return session

    def run(prefix: str = "", network: Network = NETWORK, by: FolderStore | None = None) -> tuple[list[Row], Tally]:
        folder = folder_of(network)
        index = FeatureIndex(store, folder)
        tally = [Tally(damaged_parts=index.damaged)]
        rows: list[Row] = []
        found = [Order("train", "train", name, 0, size, mark) for name, size, mark in sorted(store.list("train", prefix))]
        for orders in cut(found, -(-len(found) // SLICE)):
            part = Slice(orders, index.parts_of(order.digest for order in orders))
            rows += featurise_slice(part, open_session, by or store, SIDE, FeatureCache(by or store, folder), tally.append)
        total = Tally()
        for news in tally:
            total = total.plus(news)
        store.last, store.reads = store.reads, []
        return rows, total

    return run


def images_read(store: CountingStore) -> int:
    return sum(name.startswith("train/") for name in store.last)


def flipped(data: bytes, row: Row) -> bytes:
    """The part with one bit of a row's features turned over."""
    assert row[3] is not None
    at = data.index(np.frombuffer(row[3])[-LENGTH:].astype(np.float32).tobytes())
    return data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]


def parts(store: FolderStore) -> list[str]:
    return sorted(entry.name for entry in store.list(CONTAINER))


def test_the_second_time_no_image_is_read(store: CountingStore, work: Worker) -> None:
    first, tally = work()
    assert (tally.done, tally.cached, images_read(store)) == (40, 0, 40)
    assert all(PART.fullmatch(name) for name in parts(store))
    second, tally = work()
    assert second == first
    assert second[7][4] == "not an image"
    assert (tally.done, tally.cached, images_read(store)) == (40, 40, 0)
    assert len(parts(store)) == 1
    assert store.sessions == 1


def test_only_what_changed_is_read(store: CountingStore, work: Worker) -> None:
    first, _ = work()
    store.put("train", "A/003.png", png((1, 2, 3), 99))
    store.put("train", "A/900.png", png((1, 2, 3), 98))
    store.delete("train", "A/020.png")
    rows, tally = work()
    assert (tally.done, tally.cached, images_read(store)) == (40, 38, 2)
    assert rows[3] != first[3]
    assert rows[4] == first[4]
    assert work()[0] == rows
    assert images_read(store) == 0


def test_a_part_of_the_tiles_comes_from_the_cache_of_all(store: CountingStore, work: Worker) -> None:
    first, _ = work()
    rows, tally = work(prefix="A/01")
    assert rows == first[10:20]
    assert (tally.cached, images_read(store), len(parts(store))) == (10, 0, 1)


def test_another_network_output_or_decoding_misses(store: CountingStore, work: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    work()
    folders = {folder_of(NETWORK), folder_of(Network("tiny", "0" * 64, SIDE, "features", LENGTH))}
    folders.add(folder_of(Network("tiny", NETWORK.sha256, SIDE, "scores", LENGTH)))
    assert work(network=Network("tiny", "0" * 64, SIDE, "features", LENGTH))[1].cached == 0
    monkeypatch.setattr(decode, "VERSION", decode.VERSION + 1)
    folders.add(folder_of(NETWORK))
    assert work()[1].cached == 0
    assert len(folders) == 4
    assert all(re.fullmatch("tiny@[0-9a-f]{16}", folder) for folder in folders)


@pytest.mark.parametrize("damage", ["empty", "truncated", "bit"])
def test_a_damaged_part_is_computed_again_and_replaced(store: CountingStore, work: Worker, damage: str) -> None:
    first, _ = work()
    [name] = parts(store)
    data = store.get(CONTAINER, name)
    broken = {"empty": b"", "truncated": data[:500], "bit": flipped(data, first[5])}[damage]
    store.put(CONTAINER, name, broken)
    rows, tally = work()
    assert rows == first
    assert (tally.done, tally.cached, tally.damaged_parts, images_read(store)) == (40, 0, 1, 40)
    assert store.get(CONTAINER, name) == data
    assert work()[1].cached == 40


def test_a_damaged_part_beside_a_whole_one_is_removed(store: CountingStore, work: Worker) -> None:
    first, _ = work(prefix="A/01")
    [name] = parts(store)
    store.put(CONTAINER, name, flipped(store.get(CONTAINER, name), first[5]))
    assert work()[1].damaged_parts == 1
    assert name not in parts(store)
    assert work()[1][:4] == (40, 40, 0, 0)


def test_a_part_that_is_pruned_meanwhile_is_a_miss(store: CountingStore, work: Worker) -> None:
    class Pruned(FolderStore):
        def get(self, container: str, name: str) -> bytes:
            raise NotFoundError("gone")

    first, _ = work()
    rows, tally = work(by=Pruned(store._root))
    assert rows == first
    assert (tally.cached, tally.damaged_parts) == (0, 0)


def test_a_cache_that_cannot_be_written_fails_nothing(store: CountingStore, work: Worker) -> None:
    class Full(FolderStore):
        def put(self, container: str, name: str, data: bytes, content_type: str = "") -> None:
            raise StorageError("no space left")

    rows, tally = work(by=Full(store._root))
    assert len(rows) == 40
    assert (tally.unwritten_parts, tally.cached) == (1, 0)


def test_what_is_read_is_what_the_cache_tells_of(store: CountingStore, work: Worker) -> None:
    """A tile that changes after the listing must not be taken for the one that was listed, should that ever come back."""
    old = store.get("train", "A/003.png")
    [entry] = store.list("train", "A/003.png")

    class Changing(FolderStore):
        def fetch(self, container: str, name: str) -> tuple[Entry, bytes]:
            if name == entry.name:
                self.put(container, name, png((9, 9, 9), 1))
            return super().fetch(container, name)

    work(by=Changing(store._root))
    index = FeatureIndex(store, folder_of(NETWORK))
    assert index.parts_of([entry.digest("train")]) == []
    changed, tally = work()
    assert tally.cached == 40
    store.put("train", "A/003.png", old)
    assert work()[0][3][3] != changed[3][3]


def test_an_index_of_nothing(tmp_path: Path) -> None:
    index = FeatureIndex(FolderStore(tmp_path), "tiny@0")
    assert (index.damaged, index.parts_of([b"x"])) == (0, [])


def test_a_long_footer_is_read_too(store: CountingStore, work: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    work()
    monkeypatch.setattr("spark_jobs.parts.FOOTER", 100)
    assert work()[1].cached == 40
    assert cache.parts.FOOTER == 100
