"""Jobs and the blob client on a real blob server: keys from Hadoop's configuration, tokens, WASB for the model's files."""

import json
import logging
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient

from pytest_azurite.server import AzuriteServer
from spark_jobs.access import grant
from spark_jobs.context import Job
from spark_jobs.errors import DataError, NotFoundError, StorageError
from spark_jobs.job import run
from spark_jobs.places import Place
from spark_jobs.spec import ImageSet
from spark_jobs.stores import open_store
from spark_jobs.tiles import list_sets
from tests.spark_jobs.conftest import Account, fill

pytestmark = pytest.mark.slow
CONTAINERS = ("train", "test", "middlesexma2016", "pretrainedmodels", "trainedmodels", "predictions", "features", "runs")


class BlobAccount(Account):
    """The same account in Azurite."""

    def __init__(self, server: AzuriteServer) -> None:
        super().__init__(Path("/nowhere"))
        self.server = server
        self.service = BlobServiceClient.from_connection_string(server.connection_string)

    @property
    def place(self) -> Place:
        return Place(f"http://{self.server.spark_host}", "wasb")

    def write(self, container: str, name: str, data: bytes) -> None:
        self.service.get_blob_client(container, name).upload_blob(data, overwrite=True)

    def read(self, container: str, name: str) -> bytes:
        return bytes(self.service.get_blob_client(container, name).download_blob().readall())

    def order(self, kind: str, run_id: str, **changes: Any) -> str:
        super().order(kind, run_id, **changes)
        return f"wasb://runs@{self.server.spark_host}/{run_id}/spec.json"

    def names(self, container: str) -> set[str]:
        return {blob.name for blob in self.service.get_container_client(container).list_blobs()}


@pytest.fixture
def blobs(azurite: AzuriteServer) -> Iterator[BlobAccount]:
    azurite.start()
    account = BlobAccount(azurite)
    for left in account.service.list_containers():  # the server is the session's: another test may have used these names
        if left.name in CONTAINERS:
            account.service.delete_container(left.name)
    for name in CONTAINERS:
        account.service.create_container(name)
    yield account
    azurite.start()
    for name in CONTAINERS:
        account.service.delete_container(name)


def test_train_and_score_on_blobs(spark: Any, blobs: BlobAccount, caplog: pytest.LogCaptureFixture) -> None:
    fill(blobs)
    caplog.set_level(logging.DEBUG)
    result = run(blobs.order("train", "t1"), spark)
    assert result["error"] is None
    assert result["metrics"]["accuracy"] > 0.7
    assert blobs.read("trainedmodels", "m1/model.info").startswith(b"output_model_name,m1\n")
    assert any(name.startswith("m1/model/metadata/") for name in blobs.names("trainedmodels"))
    assert not any("_staging" in name for name in blobs.names("trainedmodels"))
    assert run(blobs.order("score", "s1"), spark)["error"] is None
    assert len(blobs.read("predictions", "m1_predictions_o16n.csv").splitlines()) == 31
    assert run(blobs.order("train", "t2", overwrite=True, classifier={"kind": "logistic-regression"}), spark)["error"] is None
    assert run(blobs.order("score", "s2"), spark)["error"] is None
    written = caplog.text + "".join(blobs.read("runs", name).decode() for name in blobs.names("runs"))
    assert blobs.server.key not in written
    assert "sig=" not in written


def test_a_storage_server_that_is_away_for_seconds_fails_no_job(
    spark: Any, blobs: BlobAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(blobs)
    look_up = Job._look_up
    restarts: list[Future[None]] = []

    def restart() -> None:
        time.sleep(4)
        blobs.server.start()

    with ThreadPoolExecutor(1) as pool:

        def then_outage(job: Job, *arguments: Any) -> Any:
            slices = look_up(job, *arguments)
            blobs.server.stop()
            restarts.append(pool.submit(restart))
            return slices

        monkeypatch.setattr(Job, "_look_up", then_outage)
        result = run(blobs.order("train", "t1"), spark)
    assert [outage.result() for outage in restarts] == [None]
    assert result["error"] is None
    assert result["timings"]["featurise"] > 3


def test_the_client_and_its_permissions(spark: Any, blobs: BlobAccount) -> None:
    access = grant(spark, blobs.place, {"train": "rwl", "test": "r", "runs": "rwd"})
    store = open_store(access, retry_seconds=10)
    name = f"a b/ü+%&#?{secrets.token_hex(2)}.png"
    store.put("train", name, b"data", "image/png")
    assert store.get("train", name) == b"data"
    properties = blobs.service.get_blob_client("train", name).get_blob_properties()
    assert properties.content_settings.content_type == "image/png"
    assert properties.content_settings.content_md5
    [entry] = store.list("train", "a b/")
    assert (entry.name, entry.size, entry.mark[:4]) == (name, 4, "md5:")
    assert store.fetch("train", name) == (entry, b"data")
    assert store.tail("train", entry, 2) == b"ta"
    assert store.tail("train", entry, 10) == b"data"
    assert store.exists("train", name)
    assert not store.exists("train", "other")
    with pytest.raises(NotFoundError, match=r"read train/other: it does not exist \(HTTP 404 BlobNotFound\)"):
        store.get("train", "other")
    with pytest.raises(StorageError, match=r"write test/x: the storage account refused \(HTTP 403"):
        store.put("test", "x", b"")
    with pytest.raises(StorageError, match="list test/"):
        list(store.list("test"))
    store.put("runs", "x", b"1")
    store.delete("runs", "x")
    store.delete("runs", "x")
    assert not store.exists("runs", "x")
    assert "sig" not in repr(access)


def test_a_long_listing_is_complete(spark: Any, blobs: BlobAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spark_jobs.blobs.PAGE", 7)
    names = [f"p/{index:03d}" for index in range(30)]
    for name in names:
        blobs.write("train", name, b"")
    listed = open_store(grant(spark, blobs.place, {"train": "l"})).list("train", "p/")
    assert [entry.name for entry in listed] == names


def test_folders_are_listed_beside_what_lies_in_none(spark: Any, blobs: BlobAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spark_jobs.blobs.PAGE", 2)
    for name in ("A/1.png", "A/deep/2.png", "B c/ü.png", "D/3.txt", "x.png", "y.png", "z.png"):
        blobs.write("train", name, b"1")
    store = open_store(grant(spark, blobs.place, {"train": "l"}))
    found, folders = store.level("train")
    assert ([entry.name for entry in found], folders) == (["x.png", "y.png", "z.png"], ["A/", "B c/", "D/"])
    tiles = list_sets(store, {"all": ImageSet("train"), "some": ImageSet("train", "A/"), "begun": ImageSet("train", "A")})
    labelled = {name: [(tile.path, tile.label) for tile in of] for name, of in tiles.items()}
    assert labelled["all"] == [
        *(("A/1.png", "A"), ("A/deep/2.png", "A"), ("B c/ü.png", "B c")),
        *(("x.png", ""), ("y.png", ""), ("z.png", "")),
    ]
    assert labelled["some"] == [("A/1.png", ""), ("A/deep/2.png", "deep")]
    assert [path for path, _ in labelled["begun"]] == ["A/1.png", "A/deep/2.png"]
    with pytest.raises(DataError, match="train/C holds no images"):
        list_sets(store, {"none": ImageSet("train", "C")})


def test_an_account_without_a_key_is_named(spark: Any) -> None:
    with pytest.raises(StorageError, match=r"no key for other\.blob\.x") as caught:
        grant(spark, Place("https://other.blob.x", "wasbs"), {"train": "r"})
    assert "spark.hadoop.fs.azure.account.key.other.blob.x" in caught.value.suggestion


def test_main_exits_with_the_result(spark: Any, blobs: BlobAccount, capsys: pytest.CaptureFixture[str]) -> None:
    from spark_jobs.main import main

    assert main([blobs.order("score", "s1")]) == 1
    assert json.loads(blobs.read("runs", "s1/result.json"))["status"] == "failed"
    assert "ModelError: There is no model named m1" in capsys.readouterr().err
    assert main(["nonsense"]) == 2
    assert main([]) == 2
