from pathlib import Path

import pytest

from spark_jobs.errors import NotFoundError, StorageError
from spark_jobs.folders import FolderStore


def test_put_get_list_exists_delete(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put("c", "a/b.txt", b"1")
    store.put("c", "a/b.txt", b"2")
    assert store.get("c", "a/b.txt") == b"2"
    [entry] = list(store.list("c"))
    assert [entry] == list(store.list("c", "a/"))
    assert store.level("c") == ([entry], [])
    assert (entry.name, entry.size) == ("a/b.txt", 1)
    assert store.fetch("c", "a/b.txt") == (entry, b"2")
    store.put("c", "a/b.txt", b"345")
    assert store.tail("c", entry, 2) == b"45"
    assert next(store.list("c")).digest("c") != entry.digest("c")
    assert list(store.list("c", "b")) == []
    assert store.exists("c", "a/b.txt")
    assert not store.exists("c", "a")
    store.delete("c", "a/b.txt")
    store.delete("c", "a/b.txt")
    assert not store.exists("c", "a/b.txt")


def test_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="read c/x"):
        FolderStore(tmp_path).get("c", "x")
    with pytest.raises(NotFoundError, match="list c/"):
        list(FolderStore(tmp_path).list("c"))


def test_a_failed_write_leaves_the_old_file_and_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FolderStore(tmp_path)
    store.put("c", "x", b"old")

    def full(path: Path, data: bytes) -> int:
        with path.open("wb") as file:
            file.write(data[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageError, match="write c/x: No space left on device"):
        store.put("c", "x", b"new")
    assert [(path.name, path.read_bytes()) for path in (tmp_path / "c").iterdir()] == [("x", b"old")]
