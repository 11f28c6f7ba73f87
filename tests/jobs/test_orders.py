from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from aerial_ops.errors import DataError
from aerial_ops.jobs import orders
from aerial_ops.storage.blobs import BlobInfo
from aerial_ops.storage.manifest import hash_of
from tests.memory_store import MemoryStore

BACKBONE = {"name": "tiny", "file": "tiny.onnx", "sha256": "0" * 64, "side": 32, "length": 6}


class Counting(MemoryStore):
    """Counts how often each container is listed."""

    def __init__(self) -> None:
        super().__init__()
        self.listed = Counter[str]()

    def list(self, container: str, prefix: str = "") -> Iterator[BlobInfo]:
        self.listed[container] += 1
        return super().list(container, prefix)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(orders, "_backbone", lambda *_: BACKBONE)
    monkeypatch.setattr(orders, "resolve", lambda *_, **__: None)
    made = Counting()
    for container, tiles in (("train", 8), ("test", 3)):
        for index in range(tiles):
            made.write(container, f"Forest/{index}.png", bytes([index]))
    return made


def test_a_container_is_listed_once_for_an_order(store: Any) -> None:
    order = orders.calibrate_order(store, tiles=2)
    assert order.sample.fraction == 0.25
    assert store.listed == {"train": 1}
    assert order.data == {"train": hash_of(store.list("train"))}
    store.listed.clear()
    orders.train_order(store, "m")
    assert store.listed == {"train": 1, "test": 1}


def test_no_images_are_told_before_anything_is_ordered(store: Any) -> None:
    for name in [name for container, name in store.blobs if container == "test"]:
        store.delete("test", name)
    with pytest.raises(DataError, match="The container test holds no images"):
        orders.train_order(store, "m")
