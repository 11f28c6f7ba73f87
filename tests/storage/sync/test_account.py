"""Blobs as a source: copied by the service, or streamed where it refuses."""

import hashlib
from pathlib import Path

import pytest
from azure.storage.blob import BlobBlock

from aerial_ops.errors import DataError, StorageAccessError, UsageError
from aerial_ops.storage import layout
from aerial_ops.storage.blobs import BlobStore, CopyRefusedError
from aerial_ops.storage.sync import account, open_source, sync
from tests.storage.conftest import CountingAdapter, sas, tiles


def fill_container(store: BlobStore, container: str, files: dict[str, bytes]) -> None:
    store.ensure_containers([container])
    for name, data in files.items():
        store.write(container, name, data, content_type="image/png")


def address(store: BlobStore, container: str = "") -> str:
    return f"{store.endpoint.url}/{container}?{sas(store)}"


def contents(store: BlobStore, container: str) -> dict[str, bytes]:
    return {blob.name: store.read(container, blob.name) for blob in store.list(container)}


def test_within_an_account_the_service_copies(wired: tuple[BlobStore, CountingAdapter], home: Path) -> None:
    store, adapter = wired
    files = {**tiles(12), "a b#c?d%20é.png": b"odd"}
    fill_container(store, "backup", files)
    source = open_source(address(store, "backup"), ["train"])
    result = sync(source, store, home=home, threads=1)
    assert (result.total("copied"), result.total("streamed")) == (13, 0)
    assert contents(store, "train") == files
    assert {blob.name: blob.md5 for blob in store.list("train")} == {
        name: hashlib.md5(data).digest() for name, data in files.items()
    }
    adapter.count.clear()
    again = sync(open_source(address(store, "backup"), ["train"]), store, home=home)
    assert (again.total("sent"), again.total("there")) == (0, 13)
    assert set(adapter.count) == {"GET"}


def test_from_another_account_it_streams_where_the_service_refuses(
    wired: tuple[BlobStore, CountingAdapter], origin: BlobStore, home: Path
) -> None:
    store, adapter = wired
    fill_container(origin, "train", {**tiles(10), ".DS_Store": b"junk", "a b#c?d%20é.png": b"odd"})
    fill_container(origin, "test", tiles(4))
    url = address(origin)
    result = sync(open_source(url), store, home=home, threads=1)
    assert [one.container for one in result.containers] == ["train", "test"]
    assert (result.total("streamed"), result.total("copied"), result.total("skipped")) == (15, 0, 1)
    assert "HTTP" in result.copy_refusal
    assert contents(store, "train") == {**tiles(10), "a b#c?d%20é.png": b"odd"}
    assert adapter.count["PUT"] <= 15 + 10  # the refused ways are tried once, not for every blob
    manifest = store.read(layout.CLUSTER, layout.manifest("train")).decode()
    assert origin.endpoint.url in manifest
    for text in (manifest, str(result.as_dict())):
        assert "sig=" not in text
    assert sync(open_source(url), store, home=home).total("sent") == 0


def test_blobs_without_md5_are_streamed_and_then_known(store: BlobStore, origin: BlobStore, home: Path) -> None:
    origin.ensure_containers(["train"])
    blob = origin.container("train").get_blob_client("big.png")
    blob.stage_block("1", b"abc")
    blob.commit_block_list([BlobBlock("1")])
    assert sync(open_source(address(origin)), store, home=home).total("streamed") == 1
    assert sync(open_source(address(origin)), store, home=home).total("there") == 1
    assert [blob.md5 for blob in store.list("train")] == [hashlib.md5(b"abc").digest()]


def test_big_blobs_stream_in_blocks(store: BlobStore, origin: BlobStore, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "SINGLE_PUT_LIMIT", 100)
    fill_container(origin, "train", {"big.png": b"0123456789" * 100})
    assert sync(open_source(address(origin)), store, home=home).total("streamed") == 1
    assert contents(store, "train") == {"big.png": b"0123456789" * 100}


@pytest.mark.parametrize("limit", [10**6, 1], ids=["one request", "blocks"])
def test_a_blob_whose_bytes_are_not_its_md5_is_not_passed_on(
    store: BlobStore, origin: BlobStore, home: Path, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "SINGLE_PUT_LIMIT", limit)
    fill_container(origin, "train", {"a.png": b"abc", "good.png": b"good"})
    from azure.storage.blob import ContentSettings

    wrong = ContentSettings(content_md5=bytearray(hashlib.md5(b"abd").digest()))
    origin.container("train").get_blob_client("a.png").set_http_headers(wrong)
    with pytest.raises(DataError, match=r"train/a.png: its bytes do not match"):
        sync(open_source(address(origin)), store, home=home)
    assert contents(store, "train") == {"good.png": b"good"}


def test_a_blob_that_changes_or_vanishes_after_the_listing(store: BlobStore, origin: BlobStore) -> None:
    fill_container(origin, "train", {"a.png": b"abc", "b.png": b"abc"})
    store.ensure_containers(["train"])
    source = open_source(address(origin))
    listing = source.list("train")
    assert listing is not None
    origin.write("train", "a.png", b"abd")
    origin.delete("train", "b.png")
    for file, problem in zip(listing.files, ("changed or vanished", "changed or vanished"), strict=True):
        with pytest.raises(account.FileProblemError, match=problem):
            source.send("train", file, store)
    assert list(store.list("train")) == []


def test_a_copy_that_works_is_not_given_up_for_one_refusal(store: BlobStore, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill_container(store, "backup", tiles(10))
    copy = store.copy

    def refusing(container: str, name: str, url: str, **options: object) -> None:
        if name == "Forest/tile_00004.png":
            raise CopyRefusedError("not this one", lasting=True)
        copy(container, name, url, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "copy", refusing)
    result = sync(open_source(address(store, "backup"), ["train"]), store, home=home, threads=1)
    assert (result.total("copied"), result.total("streamed")) == (9, 1)
    assert contents(store, "train") == tiles(10)


def test_a_source_without_the_containers_or_the_right(store: BlobStore, origin: BlobStore, home: Path) -> None:
    with pytest.raises(UsageError, match="has none of the containers train, test, middlesexma2016"):
        sync(open_source(address(origin)), store, home=home)
    bad = address(origin).replace("sig=", "sig=AAAA")
    with pytest.raises(StorageAccessError, match=r"list (train|test|middlesexma2016)/: not allowed \(HTTP 403") as caught:
        sync(open_source(bad), store, home=home)
    assert "SAS" in caught.value.suggestion
    assert "AAAA" not in str(caught.value.as_dict())
