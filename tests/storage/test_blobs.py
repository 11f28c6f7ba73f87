"""The blob adapter on a real Azurite."""

import hashlib

import pytest
from azure.core.credentials import AccessToken

from aerial_ops.clouds.base import StorageEndpoint
from aerial_ops.clouds.loopback import loopback_transport
from aerial_ops.errors import BlobNotFoundError, StorageAccessError, StorageError
from aerial_ops.storage.blobs import BlobChangedError, BlobStore
from tests.storage.conftest import CountingAdapter, sas, signature, signed

NAMES = ["plain.png", "Forest/a b.png", "a#b?c%d&e=f.png", "späť/日本.png", "plus+and~tilde'(x)!*,;:@$.png", "a%20b.png"]


def md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


@pytest.mark.parametrize("name", NAMES)
def test_put_list_and_read_agree_on_every_name(store: BlobStore, name: str) -> None:
    store.ensure_containers(["train"])
    store.put("train", name, b"abc", md5(b"abc"), "image/png")
    [blob] = store.list("train")
    assert (blob.name, blob.size, blob.md5) == (name, 3, md5(b"abc"))
    assert store.read("train", name) == b"abc"
    assert b"".join(store.read_blocks("train", name, blob.etag, 3)) == b"abc"
    assert store.container("train").get_blob_client(name).get_blob_properties().content_settings.content_type == "image/png"


def test_put_replaces_and_takes_an_empty_file(store: BlobStore) -> None:
    store.ensure_containers(["train"])
    store.put("train", "x", b"abc", md5(b"abc"), "image/png")
    store.put("train", "x", b"", md5(b""), "image/png")
    assert [(blob.size, blob.md5) for blob in store.list("train")] == [(0, md5(b""))]


def test_a_body_that_is_not_its_md5_is_refused(store: BlobStore) -> None:
    store.ensure_containers(["train"])
    with pytest.raises(StorageError, match=r"write train/x: HTTP 400 .*(?i:md5)"):
        store.put("train", "x", b"abc", md5(b"other"), "image/png")
    assert not store.exists("train", "x")


def test_listing_goes_on_page_after_page(store: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.ensure_containers(["train"])
    for number in range(7):
        store.put("train", f"{number}", b"", md5(b""), "image/png")
    wire = store._wire
    send = wire._send
    monkeypatch.setattr(wire, "_send", lambda *args, query, **more: send(*args, query={**query, "maxresults": "3"}, **more))
    assert [blob.name for blob in store.list("train")] == [str(number) for number in range(7)]


def test_listing_a_prefix_and_a_missing_container(store: BlobStore) -> None:
    store.ensure_containers(["train"])
    for name in ("a/1", "a/2", "b/1"):
        store.put("train", name, b"", md5(b""), "image/png")
    assert [blob.name for blob in store.list("train", "a/")] == ["a/1", "a/2"]
    with pytest.raises(BlobNotFoundError, match=r"list nowhere/.*ContainerNotFound"):
        list(store.list("nowhere"))


def test_folder_marks_are_no_files(store: BlobStore) -> None:
    store.ensure_containers(["train"])
    store.container("train").upload_blob("Forest", b"", metadata={"hdi_isfolder": "true"})
    store.put("train", "Forest/x.png", b"abc", md5(b"abc"), "image/png")
    assert [blob.name for blob in store.list_files("train")] == ["Forest/x.png"]
    assert [blob.name for blob in store.list("train")] == ["Forest", "Forest/x.png"]


def test_blocks_appear_with_the_last_one(store: BlobStore) -> None:
    store.ensure_containers(["train"])
    store.put("train", "big", b"old", md5(b"old"), "image/png")
    blocks = [bytes([n]) * 1000 for n in range(5)]

    def watched():  # type: ignore[no-untyped-def]
        for block in blocks:
            yield block
            assert store.read("train", "big") == b"old"

    assert store.put_blocks("train", "big", watched(), "image/png") == md5(b"".join(blocks))
    [blob] = store.list("train")
    assert (blob.size, blob.md5) == (5000, md5(b"".join(blocks)))
    assert store.read("train", "big") == b"".join(blocks)


def test_a_failing_source_of_blocks_leaves_the_blob_alone(store: BlobStore) -> None:
    store.ensure_containers(["train"])
    store.put("train", "big", b"old", md5(b"old"), "image/png")

    def failing():  # type: ignore[no-untyped-def]
        yield b"new"
        raise ValueError("half-way")

    with pytest.raises(ValueError, match="half-way"):
        store.put_blocks("train", "big", failing(), "image/png")
    assert store.read("train", "big") == b"old"


def test_reading_another_version_is_refused(store: BlobStore) -> None:
    store.ensure_containers(["train"])
    store.put("train", "x", b"abc", md5(b"abc"), "image/png")
    [blob] = store.list("train")
    store.put("train", "x", b"abd", md5(b"abd"), "image/png")
    with pytest.raises(BlobChangedError):
        list(store.read_blocks("train", "x", blob.etag, 3))


def test_a_lost_answer_is_asked_for_again(wired: tuple[BlobStore, CountingAdapter], monkeypatch: pytest.MonkeyPatch) -> None:
    store, adapter = wired
    store.ensure_containers(["train"])
    monkeypatch.setattr("aerial_ops.storage.wire.time.sleep", lambda seconds: None)
    lost = iter([True, True])

    def lose(request: object) -> None:
        if next(lost, False):
            raise ConnectionResetError("the answer is lost")

    adapter.spoil = lose
    adapter.count.clear()
    store.put("train", "x", b"abc", md5(b"abc"), "image/png")
    assert adapter.count["PUT"] == 3
    assert store.read("train", "x") == b"abc"


def test_a_service_that_never_answers_is_told_without_the_signature(store: BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aerial_ops.storage.wire.time.sleep", lambda seconds: None)
    permit = sas(store)
    gone = StorageEndpoint(store.endpoint.account, "http://gone.blob.localhost:1", store.endpoint.credential)
    for away in (BlobStore(gone, loopback_transport(None)), signed(BlobStore(gone, loopback_transport(None)), permit)):
        with pytest.raises(StorageError) as caught:
            list(away.list("train"))
        shown = f"{caught.value.as_dict()}"
        assert "list train/" in shown
        assert "nothing answers at its address" in shown
        assert signature(permit) not in shown


def test_what_a_sas_does_not_allow_is_an_access_error(store: BlobStore) -> None:
    store.ensure_containers(["train"])
    reader = signed(store, sas(store))
    assert list(reader.list("train")) == []
    with pytest.raises(StorageAccessError, match=r"write train/x: not allowed \(HTTP 403") as caught:
        reader.put("train", "x", b"abc", md5(b"abc"), "image/png")
    assert "SAS" in caught.value.suggestion


class FakeCredential:
    def __init__(self) -> None:
        self.asked = 0

    def get_token(self, *scopes: str, **options: object) -> AccessToken:
        self.asked += 1
        return AccessToken("secret-token", 4102444800)

    def close(self) -> None:
        pass


def test_tokens_are_kept() -> None:
    credential = FakeCredential()
    store = BlobStore(StorageEndpoint("a", "https://a.blob.localhost:1", credential), loopback_transport(None))
    headers = [store._wire._request("GET", "/train", {}, {}).headers["Authorization"] for _ in range(3)]
    assert headers == ["Bearer secret-token"] * 3
    assert credential.asked == 1
