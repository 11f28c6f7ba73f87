"""The manifest and the data hash."""

import hashlib

import pytest

from aerial_ops.errors import BlobNotFoundError, DataError
from aerial_ops.storage import layout
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.manifest import hash_of, make_manifest, read_manifest, write_manifest


def test_the_hash_is_over_sorted_names_sizes_and_md5s(store: BlobStore) -> None:
    store.ensure_containers(["train"])
    for name, data in (("b", b"2"), ("a/é", b"1")):
        store.write("train", name, data)
    lines = "".join(f"{n}\0{len(d)}\0{hashlib.md5(d).hexdigest()}\n" for n, d in (("a/é", b"1"), ("b", b"2")))
    assert hash_of(store.list("train")) == hashlib.sha256(lines.encode()).hexdigest()


def test_a_manifest_comes_back_as_it_was_written(store: BlobStore) -> None:
    store.ensure_containers(["train"])
    store.write("train", "x", b"123")
    made = make_manifest("train", "somewhere", store.list("train"), 0)
    assert read_manifest(store, "train") is None
    write_manifest(store, made)
    assert read_manifest(store, "train") == made
    assert (made.count, made.bytes, made.data_hash) == (1, 3, hash_of(store.list("train")))
    store.write("train", "y", b"4")
    assert hash_of(store.list("train")) != made.data_hash


def test_a_damaged_manifest_and_a_missing_container_are_told(store: BlobStore) -> None:
    store.ensure_containers([layout.CLUSTER])
    store.write(layout.CLUSTER, layout.manifest("train"), b"{")
    with pytest.raises(DataError, match=r"manifests/train\.json is damaged"):
        read_manifest(store, "train")
    with pytest.raises(BlobNotFoundError):
        hash_of(store.list("train"))
