import csv
import errno
import json
import os
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from aerial_ops.datasets import sample, writer
from aerial_ops.datasets.sample import SampleParameters, county_corners, grid_size, make_sample
from aerial_ops.errors import DataError, RefusedError, UsageError
from aerial_ops.storage.layout import CLASSES

SMALL = SampleParameters(train_per_class=2, test_per_class=1, county_rows=2, county_columns=3, seed=7)
SMALL_TILES = 2 * 6 + 6 + 6


def contents(folder: Path) -> dict[str, str]:
    files = [file for file in folder.rglob("*") if file.is_file() and file.name != ".lock"]
    return {file.relative_to(folder).as_posix(): sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sample") / "set"
    make_sample(out, SMALL, processes=1)
    return out


def test_the_layout_is_that_of_the_containers(made: Path) -> None:
    assert sorted(path.name for path in made.iterdir() if path.name != ".lock") == [
        "middlesexma2016",
        "sample.json",
        "test",
        "train",
        "truth",
    ]
    for split, count in (("train", 2), ("test", 1)):
        assert sorted(path.name for path in (made / split).iterdir()) == list(CLASSES)
        assert all(len(list((made / split / name).glob("*.png"))) == count for name in CLASSES)
    assert len(list((made / "middlesexma2016").glob("*.png"))) == 6
    for file in made.rglob("*.png"):
        with Image.open(file) as image:
            assert image.size == (224, 224) and image.mode == "RGB"
        assert file.stat().st_size < 140_000


def test_tile_summaries_tell_where_each_county_tile_lies(made: Path) -> None:
    with (made / "middlesexma2016" / "tile_summaries.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["filename", "llcrnrlat", "llcrnrlon", "urcrnrlat", "urcrnrlon"]
    assert {row["filename"] for row in rows} == {path.name for path in (made / "middlesexma2016").glob("*.png")}
    first, below = rows[0], rows[3]
    assert first["filename"].endswith("r000_c000.png") and below["filename"].endswith("r001_c000.png")
    assert first["llcrnrlat"] == below["urcrnrlat"] and first["llcrnrlon"] == below["llcrnrlon"]


def test_tiles_are_224_metres_on_the_ellipsoid() -> None:
    pyproj = pytest.importorskip("pyproj")
    geod = pyproj.Geod(ellps="WGS84")
    for row, column in ((0, 0), (9, 13), (19, 27)):
        south, west, north, east = county_corners(row, column, 20, 28)
        assert geod.inv(west, south, west, north)[2] == pytest.approx(224, abs=0.05)
        assert geod.inv(west, (south + north) / 2, east, (south + north) / 2)[2] == pytest.approx(224, abs=0.2)
        assert 42.1 < south < 42.8 and -72 < west < -71


def test_the_truth_is_outside_of_the_containers_but_for_the_older_labels(made: Path) -> None:
    with (made / "truth" / "county_labels.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["filename", "label", "older_label"]
    assert len(rows) == 6 and {row["label"] for row in rows} <= set(CLASSES)
    with (made / "middlesexma2016" / "older_labels.csv").open() as file:
        assert list(csv.DictReader(file)) == [{"filename": row["filename"], "label": row["older_label"]} for row in rows]


def test_same_seed_same_bytes_whatever_the_number_of_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: Path
) -> None:
    monkeypatch.setattr("aerial_ops.datasets.workers.CHUNK", 5)
    make_sample(tmp_path / "other", SMALL, processes=3)
    assert contents(tmp_path / "other") == contents(made)


def test_another_seed_makes_other_pictures(tmp_path: Path, made: Path) -> None:
    other = make_sample(tmp_path / "other", SampleParameters(1, 1, 1, 1, seed=8), processes=1)
    assert other.made == 13
    name = "train/Forest/forest_train_00000.png"
    assert contents(tmp_path / "other")[name] != contents(made)[name]


def test_a_complete_sample_is_left_alone(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "_make", lambda tiles: pytest.fail("a tile was made"))
    before = {file: file.stat().st_mtime_ns for file in made.rglob("*")}
    again = make_sample(made, SMALL)
    assert again.made == 0 and again.county == 6 and again.data_sha256
    assert {file: file.stat().st_mtime_ns for file in made.rglob("*")} == before


def test_what_is_missing_is_made_again(tmp_path: Path) -> None:
    first = make_sample(tmp_path / "set", SMALL, processes=1)
    (tmp_path / "set/test/Shrub/shrub_test_00000.png").unlink()
    (tmp_path / "set/middlesexma2016/tile_summaries.csv").unlink()
    again = make_sample(tmp_path / "set", SMALL, processes=1)
    assert again.made == 1 and again.data_sha256 == first.data_sha256


def test_other_parameters_are_refused(made: Path) -> None:
    before = contents(made)
    with pytest.raises(RefusedError, match="train_per_class 2 there, 3 asked"):
        make_sample(made, SampleParameters(3, 1, 2, 3, 7))
    assert contents(made) == before


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(RefusedError, match=r"not empty \(thesis.txt\)"):
        make_sample(tmp_path, SMALL)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "set").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        make_sample(tmp_path / "set", SMALL)


def test_a_damaged_marker_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sample.json").write_text('{"parameters"')
    with pytest.raises(RefusedError, match="damaged"):
        make_sample(tmp_path, SMALL)


def test_a_full_disk_is_a_sentence_and_the_next_run_finishes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: Path) -> None:
    calls = 0

    def full_after_ten(path: Path, content: bytes) -> None:
        nonlocal calls
        calls += 1
        if calls > 10:
            path.with_name(f".{path.name}{writer.PART}").write_bytes(content[:100])
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        writer.write_whole(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(sample, "write_whole", full_after_ten)
        with pytest.raises(DataError, match="the disk is full") as caught:
            make_sample(tmp_path / "set", SMALL, processes=1)
    assert "run the same command again" in caught.value.suggestion
    assert len(list((tmp_path / "set").rglob("*.png"))) == 10
    assert make_sample(tmp_path / "set", SMALL, processes=1).made == SMALL_TILES - 10
    assert contents(tmp_path / "set") == contents(made)


@pytest.mark.parametrize("processes", [1, 3])
def test_a_killed_run_is_finished_by_the_next(tmp_path: Path, processes: int) -> None:
    out = tmp_path / "set"
    command = [
        str(Path(sys.executable).with_name("aerial-ops")),
        "data",
        "sample",
        str(out),
        "--train-per-class",
        "40",
        "--county",
        "4x4",
    ]
    process = subprocess.Popen([*command, "--processes", str(processes)], stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 120
    while len(list(out.rglob("*.png"))) < 20:
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    _wait_for_end_of_group(process.pid)
    assert json.loads((out / "sample.json").read_text())["complete"] is False
    kept = len(list(out.rglob("*.png")))
    result = make_sample(out, SampleParameters(40, 30, 4, 4, 0))
    assert result.made == 40 * 6 + 30 * 6 + 16 - kept
    assert not list(out.rglob("*.part"))
    for file in out.rglob("*.png"):
        with Image.open(file) as image:
            assert np.asarray(image).shape == (224, 224, 3)


def _wait_for_end_of_group(group: int) -> None:
    """The processes that made tiles end with the one that was killed."""
    deadline = time.monotonic() + 20
    while True:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        assert time.monotonic() < deadline, "processes were left behind"
        time.sleep(0.1)


@pytest.mark.parametrize("text", ["20", "20x", "0.5x2", "x3", "20x28x2", ""])
def test_a_county_size_is_two_numbers(text: str) -> None:
    with pytest.raises(UsageError, match="ROWSxCOLUMNS"):
        grid_size(text)


def test_a_county_has_at_least_one_tile() -> None:
    with pytest.raises(UsageError, match="county rows is 0"):
        SampleParameters(county_rows=grid_size("0x3")[0])
