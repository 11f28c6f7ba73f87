from pathlib import Path

import pytest

from aerial_ops.datasets import files
from aerial_ops.datasets.files import LocalFile, local_files
from aerial_ops.errors import UsageError


def test_a_folder_gives_its_rasters_in_order_without_the_labels(tmp_path: Path) -> None:
    inside = tmp_path / "north east"
    inside.mkdir()
    for name in ("b.TIF", "a.tif", "notes.txt", "labels.tif", "north east/c.tiff"):
        (tmp_path / name).write_bytes(b"x")
    found = local_files([tmp_path], without=inside / ".." / "labels.tif")
    assert [str(file) for file in found] == [str(tmp_path / name) for name in ("a.tif", "b.TIF", "north east/c.tiff")]
    assert local_files([tmp_path / "labels.tif"]) == [LocalFile(tmp_path / "labels.tif")]


def test_a_folder_without_rasters(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(UsageError, match="holds no raster"):
        local_files([tmp_path])


def test_a_fingerprint_tells_contents_apart_and_not_places(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(b"one")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.tif").write_bytes(b"one")
    first = LocalFile(tmp_path / "a.tif").fingerprint()
    assert first == LocalFile(tmp_path / "elsewhere" / "a.tif").fingerprint()
    (tmp_path / "a.tif").write_bytes(b"two")
    assert LocalFile(tmp_path / "a.tif").fingerprint() != first


def test_a_large_file_is_sampled_from_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "WHOLE", 64)
    content = bytearray(1000)
    (tmp_path / "a.tif").write_bytes(content)
    before = LocalFile(tmp_path / "a.tif").fingerprint()
    content[-1] = 1
    (tmp_path / "a.tif").write_bytes(content)
    assert LocalFile(tmp_path / "a.tif").fingerprint() != before
