"""The report and the history over a real blob service."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from aerial_ops.analysis.report import write_report
from aerial_ops.clouds.base import StorageEndpoint
from aerial_ops.errors import StorageError, UsageError
from aerial_ops.runs.history import History
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.layout import CONTAINERS
from pytest_azurite.server import AzuriteServer
from tests.analysis import synthetic


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzuriteServer]:
    server = AzuriteServer(tmp_path_factory.mktemp("azurite"))
    server.start()
    yield server
    server.stop()


def test_from_an_empty_account_to_a_report(service: AzuriteServer, tmp_path: Path) -> None:
    store = BlobStore(StorageEndpoint(service.account, service.url, SecretStr(service.key)))
    assert History(store).list() == []
    with pytest.raises(UsageError, match="'rf1'"):
        write_report(store, "rf1", tmp_path / "rf1.html")
    store.ensure_containers(CONTAINERS)
    synthetic.train(store, "rf1", 0.4, 0, tiles=60, pictures=True)
    synthetic.train(store, "lr1", 0.6, 5, tiles=60)
    synthetic.score(store, "rf1", 9, rows=8, cols=9, outline=False)
    assert [record.name for record in History(store).list()] == ["rf1", "lr1", "rf1"]
    told = write_report(store, "rf1", tmp_path / "out" / "rf1.html")
    assert (told["tiles_on_map"], told["models"], told["notes"]) == (69, 2, [])
    assert (tmp_path / "out" / "rf1.html").stat().st_size == told["bytes"]
    assert b"data:image/webp" in (tmp_path / "out" / "rf1.html").read_bytes()


def test_a_storage_that_is_gone_is_an_error_and_leaves_no_file(tmp_path: Path) -> None:
    nowhere = StorageEndpoint("devstoreaccount1", "http://127.0.0.1:1/devstoreaccount1", SecretStr("a2V5"))
    with pytest.raises(StorageError):
        write_report(BlobStore(nowhere, retries=0), "rf1", tmp_path / "rf1.html")
    assert list(tmp_path.iterdir()) == []
