"""The whole sync on a real Azurite."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from aerial_ops.cli.line_task import LineTask
from aerial_ops.errors import DataError, StorageAccessError, StorageError, UsageError
from aerial_ops.reporting import SilentReporter
from aerial_ops.storage import layout
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.manifest import hash_of, read_manifest
from aerial_ops.storage.sync import SyncResult, folder, open_source, sync
from aerial_ops.storage.sync.folder import FolderSource
from aerial_ops.storage.sync.source import Listing, SourceFile
from tests.storage.conftest import CountingAdapter, fill, sas, signature, signed, tiles


def run(source: Path | str, store: BlobStore, home: Path, **options: object) -> SyncResult:
    return sync(open_source(str(source)), store, home=home, threads=4, **options)  # type: ignore[arg-type]


def contents(store: BlobStore, container: str) -> dict[str, bytes]:
    return {blob.name: store.read(container, blob.name) for blob in store.list(container)}


def test_first_sync(source: Path, store: BlobStore, home: Path) -> None:
    (source / "train" / ".DS_Store").write_bytes(b"junk")
    result = run(source, store, home)
    assert contents(store, "train") == tiles(20)
    assert contents(store, "test") == tiles(10, 200)
    assert {figure: result.total(figure) for figure in ("files", "bytes", "sent", "there", "extra", "skipped")} == {
        "files": 30,
        "bytes": 20 * 300 + 10 * 200,
        "sent": 30,
        "there": 0,
        "extra": 0,
        "skipped": 1,
    }
    manifest = read_manifest(store, "train")
    assert manifest is not None
    assert (manifest.container, manifest.source, manifest.count, manifest.bytes, manifest.extra) == (
        "train",
        str(source),
        20,
        6000,
        0,
    )
    assert {file.name: file.md5 for file in manifest.files} == {
        name: hashlib.md5(data).hexdigest() for name, data in tiles(20).items()
    }
    assert manifest.data_hash == hash_of(store.list("train")) == result.containers[0].data_hash
    json.dumps(result.as_dict())


class Phases(SilentReporter):
    """Keeps what is told of progress, and how far each piece of work has come."""

    def __init__(self) -> None:
        self.seen: dict[str, tuple[int, int | None, str]] = {}

    @contextmanager
    def task(self, label: str, total: int | None = None, unit: str = "") -> Iterator[LineTask]:
        task = LineTask(lambda _: None, label, total, unit)
        yield task
        self.seen[label] = (task._done, task._total, unit)


def test_each_phase_is_told_to_its_end(source: Path, store: BlobStore, home: Path, tmp_path: Path) -> None:
    first, second, third = Phases(), Phases(), Phases()
    run(source, store, home, report=first)
    assert first.seen == {"Listing": (30, 30, "files"), "Sending": (8000, 8000, "bytes"), "Verifying": (30, 30, "files")}
    run(source, store, tmp_path / "another", report=second)
    assert second.seen == {"Listing": (30, 30, "files"), "Hashing": (8000, 8000, "bytes")}
    (source / "train" / "Forest" / "tile_00000.png").unlink()
    run(source, store, tmp_path / "another", remove_extra=True, report=third)
    assert third.seen["Verifying"] == (29, 29, "files")
    assert "Sending" not in third.seen


def test_a_second_sync_lists_and_does_nothing_else(
    source: Path, wired: tuple[BlobStore, CountingAdapter], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, adapter = wired
    monkeypatch.setattr(folder, "SETTLED_AFTER_NS", 0)
    first = run(source, store, home)
    adapter.count.clear()
    monkeypatch.setattr(FolderSource, "md5", lambda *_: pytest.fail("a file was read again"))
    second = run(source, store, home)
    assert (second.total("sent"), second.total("there")) == (0, 30)
    assert [one.data_hash for one in second.containers] == [one.data_hash for one in first.containers]
    assert adapter.count == {"GET": 4}  # a listing and a manifest for each container


def test_without_its_index_it_reads_but_does_not_send(
    source: Path, wired: tuple[BlobStore, CountingAdapter], home: Path, tmp_path: Path
) -> None:
    store, adapter = wired
    run(source, store, home)
    adapter.count.clear()
    assert run(source, store, tmp_path / "another").total("there") == 30
    assert adapter.count == {"GET": 4}


def test_hashes_that_were_found_before_an_interruption_are_kept(
    source: Path, store: BlobStore, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(source, store, home)
    monkeypatch.setattr(folder, "SETTLED_AFTER_NS", 0)
    monkeypatch.setattr("aerial_ops.storage.sync.plan.os.cpu_count", lambda: 1)
    hash_file, read = FolderSource.md5, []

    def interrupted(self: FolderSource, container: str, file: SourceFile) -> bytes:
        if len(read) == 25:
            raise KeyboardInterrupt
        read.append(file.name)
        return hash_file(self, container, file)

    monkeypatch.setattr(FolderSource, "md5", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(source, store, tmp_path / "another")
    assert len(read) == 25
    read[:] = []
    assert run(source, store, tmp_path / "another").total("there") == 30
    assert len(read) == 5


def test_only_what_has_changed_is_sent(source: Path, store: BlobStore, home: Path) -> None:
    run(source, store, home)
    before = {blob.name: blob.etag for blob in store.list("train")}
    fill(source / "train", {"Forest/new.png": b"new", "Forest/tile_00000.png": b"longer" * 100})
    same_size = source / "train" / "Shrub" / "tile_00001.png"
    same_size.write_bytes(b"x" * same_size.stat().st_size)
    result = run(source, store, home)
    after = {blob.name: blob.etag for blob in store.list("train")}
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"Forest/new.png", "Forest/tile_00000.png", "Shrub/tile_00001.png"}
    assert (result.total("sent"), result.total("there")) == (3, 28)


def test_a_corrupted_blob_is_sent_again(source: Path, store: BlobStore, home: Path) -> None:
    run(source, store, home)
    store.write("train", "Forest/tile_00000.png", b"#" * 300)
    result = run(source, store, home)
    assert result.total("sent") == 1
    assert contents(store, "train") == tiles(20)


def test_a_blob_without_md5_is_not_trusted(source: Path, store: BlobStore, home: Path) -> None:
    run(source, store, home)
    from azure.storage.blob import BlobBlock

    blob = store.container("train").get_blob_client("Forest/tile_00000.png")
    blob.stage_block("1", b"#" * 300)
    blob.commit_block_list([BlobBlock("1")])
    assert run(source, store, home).total("sent") == 1
    assert contents(store, "train") == tiles(20)


def test_dry_run_changes_nothing(source: Path, wired: tuple[BlobStore, CountingAdapter], home: Path) -> None:
    store, adapter = wired
    result = run(source, store, home, dry_run=True)
    assert (result.total("to_send"), result.total("sent"), result.total("to_send_bytes")) == (30, 0, 8000)
    assert set(adapter.count) == {"GET"}


def test_extra_blobs_are_kept_and_counted_unless_told(source: Path, store: BlobStore, home: Path) -> None:
    store.ensure_containers(["train"])
    store.write("train", "Barren/other.png", b"other")
    kept = run(source, store, home)
    assert kept.total("extra") == 1
    manifest = read_manifest(store, "train")
    assert manifest is not None
    assert (manifest.count, manifest.extra) == (21, 1)
    dry = run(source, store, home, remove_extra=True, dry_run=True)
    assert (dry.total("extra"), dry.total("deleted")) == (1, 0)
    removed = run(source, store, home, remove_extra=True)
    assert (removed.total("extra"), removed.total("deleted"), removed.total("sent")) == (0, 1, 0)
    assert contents(store, "train") == tiles(20)
    manifest = read_manifest(store, "train")
    assert manifest is not None
    assert (manifest.count, manifest.extra) == (20, 0)


def test_strange_names_arrive_as_they_are(tmp_path: Path, store: BlobStore, home: Path) -> None:
    names = ["a b/c#d?e%20f.png", "日本/ü+&=~'(1)!.png", "nfd-e\u0301.png", "nfc-\u00e9.png", "empty.png"]
    files = {name: b"" if name == "empty.png" else name.encode() for name in names}
    fill(tmp_path / "train", files)
    run(tmp_path / "train", store, home)
    assert contents(store, "train") == files
    assert run(tmp_path / "train", store, home).total("sent") == 0


def test_a_big_file_goes_in_blocks(tmp_path: Path, store: BlobStore, home: Path) -> None:
    data = hashlib.sha256(b"x").digest() * (66 * 1024 * 1024 // 32)
    fill(tmp_path / "pretrainedmodels", {"alexnet.onnx": data})
    source = open_source(str(tmp_path), ["pretrainedmodels"])
    sync(source, store, home=home)
    [blob] = store.list("pretrainedmodels")
    assert (blob.size, blob.md5) == (len(data), hashlib.md5(data).digest())
    assert store.read("pretrainedmodels", "alexnet.onnx") == data
    assert sync(source, store, home=home).total("sent") == 0


def test_an_empty_source_is_refused_untouched(tmp_path: Path, wired: tuple[BlobStore, CountingAdapter], home: Path) -> None:
    store, adapter = wired
    fill(tmp_path / "src", {"train/a.png": b"a", "test/.hidden": b"x"})
    with pytest.raises(UsageError, match="no files for test"):
        run(tmp_path / "src", store, home)
    assert "PUT" not in adapter.count


def test_unreadable_files_stop_it_before_anything_is_sent(
    source: Path, wired: tuple[BlobStore, CountingAdapter], home: Path
) -> None:
    store, adapter = wired
    for number in range(12):
        (source / "test" / f"dangling{number}.png").symlink_to("nowhere")
    with pytest.raises(DataError, match=r"12 of the source's files cannot be sent: test/dangling.*and 2 more") as caught:
        run(source, store, home)
    assert len(caught.value.data["problems"]) == 12
    assert "PUT" not in adapter.count


class Vanishing(FolderSource):
    """Somebody removes a file after the listing."""

    def list(self, container: str) -> Listing:
        listing = super().list(container)
        (self._folders[container] / listing.files[0].name).unlink()
        return listing


def test_a_file_that_vanishes_is_named_and_the_rest_arrives(source: Path, store: BlobStore, home: Path) -> None:
    vanishing = Vanishing("x", {"train": source / "train"})
    with pytest.raises(DataError, match=r"1 files could not be sent: train/Forest/tile_00000.png: it vanished") as caught:
        sync(vanishing, store, home=home)
    assert "19 of 20 files are complete" in caught.value.left
    assert len(contents(store, "train")) == 19
    assert read_manifest(store, "train") is None
    assert run(source / "train", store, home).total("there") == 19


def test_a_destination_that_may_not_be_written_is_told(source: Path, store: BlobStore, home: Path) -> None:
    store.ensure_containers(["train", "test"])
    permit = sas(store)
    with pytest.raises(StorageAccessError, match="not allowed") as caught:
        run(source, signed(store, permit), home)
    assert caught.value.left == "0 of 30 files are complete in the storage account."
    assert "The same command sends the rest." in caught.value.suggestion
    assert signature(permit) not in str(caught.value.as_dict())


def test_what_is_not_there_in_the_end_is_no_success(
    source: Path, store: BlobStore, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = store.put

    def lossy(container: str, name: str, data: bytes, *rest: object) -> None:
        if (container, name) != ("train", "Forest/tile_00002.png"):
            put(container, name, data, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "put", lossy)
    with pytest.raises(StorageError, match=r"1 blobs are not what was sent: train/Forest/tile_00002.png: it is missing"):
        run(source, store, home)
    assert read_manifest(store, "train") is None
    assert read_manifest(store, "test") is not None


def test_lost_answers_do_no_harm(
    source: Path, wired: tuple[BlobStore, CountingAdapter], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, adapter = wired
    monkeypatch.setattr("aerial_ops.storage.wire.time.sleep", lambda seconds: None)

    def lose_every_fifth(request: object) -> None:
        if sum(adapter.count.values()) % 5 == 0:
            raise requests.ConnectionError("the answer is lost")

    store.ensure_containers(["train", "test", layout.CLUSTER])
    adapter.spoil = lose_every_fifth
    assert run(source, store, home).total("sent") == 30
    adapter.spoil = lambda request: None
    assert contents(store, "train") == tiles(20)


def test_a_damaged_manifest_is_written_anew(source: Path, store: BlobStore, home: Path) -> None:
    run(source, store, home)
    store.write(layout.CLUSTER, layout.manifest("train"), b"{")
    run(source, store, home)
    manifest = read_manifest(store, "train")
    assert manifest is not None
    assert manifest.count == 20


def test_threads_are_bounded(source: Path, store: BlobStore, home: Path) -> None:
    for threads in (0, 65):
        with pytest.raises(UsageError, match="choose 1 to 64"):
            sync(open_source(str(source)), store, home=home, threads=threads)
