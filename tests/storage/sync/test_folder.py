"""Walking through folders that are not tidy."""

import hashlib
import os
from io import BufferedReader
from pathlib import Path
from typing import Any

import pytest

from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.sync import folder
from aerial_ops.storage.sync.filenames import content_type_of, problem_of
from aerial_ops.storage.sync.folder import FolderSource
from aerial_ops.storage.sync.source import FileProblemError
from tests.storage.conftest import fill


def listed(path: Path) -> tuple[list[str], int, list[str]]:
    listing = FolderSource("x", {"train": path}).list("train")
    return [file.name for file in listing.files], listing.skipped, list(listing.problems)


def test_hidden_things_are_left_out_and_counted(tmp_path: Path) -> None:
    names = [
        "a.png",
        ".DS_Store",
        "Forest/.hidden.png",
        ".git/config",
        "Thumbs.db",
        "Forest/b.png",
        "__MACOSX/x.png",
        "Forest/._b.png",
    ]
    assert listed(fill(tmp_path, dict.fromkeys(names, b"x"))) == (["Forest/b.png", "a.png"], 6, [])


def test_links_are_followed_but_not_in_circles(tmp_path: Path) -> None:
    fill(tmp_path / "elsewhere", {"c.png": b"c"})
    root = fill(tmp_path / "root", {"Forest/a.png": b"a"})
    (root / "Forest" / "up").symlink_to(root)
    (root / "self").symlink_to("self", target_is_directory=True)
    (root / "Linked").symlink_to(tmp_path / "elsewhere")
    (root / "b.png").symlink_to(root / "Forest" / "a.png")
    names, skipped, problems = listed(root)
    assert names == ["Forest/a.png", "Linked/c.png", "b.png"]
    assert skipped == 1
    assert problems == ["self: it cannot be read (Too many levels of symbolic links)"]


def test_what_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    root = fill(tmp_path, {"a.png": b"a"})
    (root / "dangling.png").symlink_to(root / "gone")
    os.mkfifo(root / "pipe.png")
    (root / "folder.png").mkdir()  # an empty folder is nothing
    names, _, problems = listed(root)
    assert names == ["a.png"]
    assert sorted(problems) == [
        "dangling.png: it cannot be read (No such file or directory)",
        "pipe.png: it is neither a file nor a folder",
    ]


@pytest.mark.parametrize("raw", [b"latin-\xe9.png", b"back\\slash.png", b"tab\t.png", b"dots.", b"dir./x.png"])
def test_names_that_cannot_be_blobs_are_problems(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / os.fsdecode(raw)
    path.parent.mkdir(exist_ok=True)
    path.touch()
    names, _, problems = listed(tmp_path)
    assert names == []
    assert len(problems) == 1
    problems[0].encode()


def test_long_and_deep_names() -> None:
    assert problem_of("a" * 1024) == ""
    assert "1024" in problem_of("a" * 1025)
    assert "254" in problem_of("/".join("a" * 260))


def test_content_types() -> None:
    assert [content_type_of(name) for name in ("a.PNG", "tile_summaries.csv", "a.onnx", "x.y/plain")] == [
        "image/png",
        "text/csv",
        "application/octet-stream",
        "application/octet-stream",
    ]


class Changing(BufferedReader):
    """A file to which somebody appends whenever it is read, `times` times."""

    times = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if Changing.times > 0 and data:
            Changing.times -= 1
            with Path(self.name).open("ab") as file:
                file.write(b"more")
        return data


@pytest.fixture
def changing(monkeypatch: pytest.MonkeyPatch) -> type[Changing]:
    monkeypatch.setattr(folder, "_opened", lambda path: Changing(path.open("rb", buffering=0)))
    return Changing


@pytest.mark.parametrize("limit", [10**6, 10], ids=["one request", "blocks"])
def test_a_file_that_changes_while_it_is_read_is_read_again(
    store: BlobStore, tmp_path: Path, changing: Any, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "SINGLE_PUT_LIMIT", limit)
    monkeypatch.setattr(folder, "BLOCK", 40)
    store.ensure_containers(["train"])
    source = FolderSource("x", {"train": fill(tmp_path, {"a.png": b"1" * 100})})
    [file] = source.list("train").files
    changing.times = 1
    sent = source.send("train", file, store)
    now = (tmp_path / "a.png").read_bytes()
    assert store.read("train", "a.png") == now == b"1" * 100 + b"more"
    assert (sent.file.size, sent.file.md5) == (104, hashlib.md5(now).digest())


@pytest.mark.parametrize("limit", [10**6, 10], ids=["one request", "blocks"])
def test_a_file_that_goes_on_changing_is_given_up_unsent(
    store: BlobStore, tmp_path: Path, changing: Any, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "SINGLE_PUT_LIMIT", limit)
    monkeypatch.setattr(folder, "BLOCK", 60)
    store.ensure_containers(["train"])
    store.write("train", "a.png", b"before")
    source = FolderSource("x", {"train": fill(tmp_path, {"a.png": b"1" * 100})})
    changing.times = 1000
    monkeypatch.setattr(folder, "TRIES", 2)
    with pytest.raises(FileProblemError, match="changes while"):
        source.send("train", source.list("train").files[0], store)
    assert store.read("train", "a.png") == b"before"


def test_a_file_that_vanished_is_a_problem(store: BlobStore, tmp_path: Path) -> None:
    source = FolderSource("x", {"train": fill(tmp_path, {"a.png": b"1"})})
    [file] = source.list("train").files
    (tmp_path / "a.png").unlink()
    for act in (lambda: source.send("train", file, store), lambda: source.md5("train", file)):
        with pytest.raises(FileProblemError, match="vanished"):
            act()


def test_hashing_notices_a_change(tmp_path: Path) -> None:
    source = FolderSource("x", {"train": fill(tmp_path, {"a.png": b"1"})})
    [file] = source.list("train").files
    assert source.md5("train", file) == hashlib.md5(b"1").digest()
    (tmp_path / "a.png").write_bytes(b"22")
    assert source.md5("train", file) == b""
