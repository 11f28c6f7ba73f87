import hashlib
from pathlib import Path

import numpy as np
import pytest

from spark_jobs.entries import Entry
from spark_jobs.errors import StorageError
from spark_jobs.folders import FolderStore
from spark_jobs.network import Network, Session
from spark_jobs.slices import BATCH, Order, Slice, featurise_slice
from spark_jobs.tally import Tally
from tests.spark_jobs.conftest import LENGTH, SIDE, png, tiny_network


@pytest.fixture
def session(tmp_path: Path) -> Session:
    file = tmp_path / "tiny.onnx"
    file.write_bytes(tiny_network())
    return Session(str(file), Network("tiny", hashlib.sha256(tiny_network()).hexdigest(), SIDE, "features", LENGTH))


def orders(count: int) -> list[Order]:
    return [Order("train", "train", f"A/{index:04d}.png", 0) for index in range(count)]


def test_rows_come_in_order_with_features_or_a_reason(tmp_path: Path, session: Session) -> None:
    store = FolderStore(tmp_path)
    wanted = orders(2 * BATCH + 5)
    for index, order in enumerate(wanted):
        store.put("train", order.path, b"" if index in (0, 20, 36) else png((10 * index % 255, 50, 90), index))
    store.delete("train", wanted[7].path)
    told: list[Tally] = []
    rows = list(featurise_slice(Slice(wanted), lambda: session, store, SIDE, tell=told.append))
    assert [row[1] for row in rows] == [order.path for order in wanted]
    assert {index: row[4] for index, row in enumerate(rows) if row[4]} == {
        0: "empty file",
        7: "removed after it was listed",
        20: "empty file",
        36: "empty file",
    }
    assert all((row[3] is None) == (row[4] is not None) for row in rows)
    assert sum(news.done for news in told) == len(wanted)
    assert max(news.peak_bytes for news in told) > 10_000_000
    from spark_jobs.decode import decode

    alone = session.run(decode(store.get("train", wanted[9].path), SIDE)[None])[0]
    assert np.allclose(np.frombuffer(rows[9][3] or b"")[-LENGTH:], alone, rtol=1e-5)


def test_only_broken_images_make_only_reasons(tmp_path: Path, session: Session) -> None:
    store = FolderStore(tmp_path)
    for order in orders(20):
        store.put("train", order.path, b"x")
    assert [row[4] for row in featurise_slice(Slice(orders(20)), lambda: session, store, SIDE)] == ["not an image"] * 20


def test_a_storage_error_is_not_a_rejection(session: Session) -> None:
    class Away(FolderStore):
        def fetch(self, container: str, name: str) -> tuple[Entry, bytes]:
            raise StorageError("away")

    with pytest.raises(StorageError, match="away"):
        list(featurise_slice(Slice(orders(20)), lambda: session, Away(Path()), SIDE))
