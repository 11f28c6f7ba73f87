import errno
import os
from pathlib import Path

import pytest

from aerial_ops.analysis.report.file import write_whole
from aerial_ops.errors import AerialOpsError


def test_folders_are_made_and_the_text_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "report.html"
    write_whole(path, "ü\n".encode())
    assert path.read_bytes() == "ü\n".encode()
    assert path.stat().st_mode & 0o777 == 0o644
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_is_a_sentence_and_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "report.html"
    write_whole(path, b"old")
    monkeypatch.setattr(os if step == "fsync" else Path, step, full)
    with pytest.raises(AerialOpsError, match="the disk is full") as caught:
        write_whole(path, b"new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
    assert caught.value.left == "What was there before is unchanged." and "--out" in caught.value.suggestion


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(AerialOpsError, match="could not be written"):
        write_whole(tmp_path / "a" / "report.html", b"x")


def test_a_target_that_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    with pytest.raises(AerialOpsError, match="is a directory"):
        write_whole(tmp_path / "report.html", b"x")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
