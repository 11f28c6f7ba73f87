import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from aerial_ops.datasets import cutting, tiles
from aerial_ops.datasets.tiles import TileRequest, cut_tiles
from aerial_ops.errors import DataError, RefusedError, UsageError
from tests.datasets.conftest import LEFT, PIXEL
from tests.datasets.test_sample import contents

Write = Callable[..., Path]
Striped = tuple[list[Path], Path]


def request_of(striped: Striped, **more: object) -> TileRequest:
    scenes, labels = striped
    given = {"scenes": tuple(scenes), "labels": labels, "county": scenes[1], "tile_pixels": 16, **more}
    return TileRequest(**given)  # type: ignore[arg-type]


def provenance(out: Path) -> list[dict[str, str]]:
    with (out / "provenance.csv").open() as file:
        return list(csv.DictReader(file))


def test_sets_and_county_are_cut(tmp_path: Path, striped: Striped) -> None:
    result = cut_tiles(tmp_path / "out", request_of(striped))
    assert result.train == {"Cultivated": 32, "Herbaceous": 32} and result.test == {"Cultivated": 8, "Herbaceous": 8}
    assert result.county == 40 and result.made == 80 + 40 and len(result.test_columns) == 2
    assert sorted(path.name for path in (tmp_path / "out").iterdir() if path.name != ".lock") == [
        "middlesexma2016",
        "provenance.csv",
        "test",
        "tiles.json",
        "train",
        "truth",
    ]
    name = "train/Herbaceous/scene_20120701_r002_c004.png"
    assert (tmp_path / "out" / name).exists() != (4 in result.test_columns)
    with Image.open(next((tmp_path / "out").rglob("*.png"))) as image:
        assert image.size == (224, 224) and image.mode == "RGB"


def test_no_place_is_in_both_sets_in_any_year(tmp_path: Path, striped: Striped) -> None:
    cut_tiles(tmp_path / "out", request_of(striped))
    places = {
        name: {(row["row"], row["column"]) for row in provenance(tmp_path / "out") if row["container"] == name}
        for name in ("train", "test")
    }
    assert not places["train"] & places["test"] and len(places["train"] | places["test"]) == 40
    years = {
        (row["date"], row["row"], row["column"]) for row in provenance(tmp_path / "out") if row["container"] != "middlesexma2016"
    }
    assert len(years) == 80


def test_a_tile_shows_the_pixels_of_its_place(tmp_path: Path, striped: Striped) -> None:
    import rasterio

    cut_tiles(tmp_path / "out", request_of(striped))
    with rasterio.open(striped[0][1]) as source:
        expected = source.read([1, 2, 3])[:, 32:48, 80:96].transpose(1, 2, 0)
    with Image.open(tmp_path / "out/middlesexma2016/scene_20140701_r002_c005.png") as image:
        centres = np.asarray(image)[7::14, 7::14].astype(int)
    assert np.abs(centres - expected).mean() < 12 < np.abs(centres - np.roll(expected, 1, axis=0)).mean()


def test_county_tables(tmp_path: Path, striped: Striped) -> None:
    cut_tiles(tmp_path / "out", request_of(striped))
    with (tmp_path / "out/middlesexma2016/tile_summaries.csv").open() as file:
        rows = {row["filename"]: row for row in csv.DictReader(file)}
    assert len(rows) == 40
    upper, lower = rows["scene_20140701_r000_c000.png"], rows["scene_20140701_r001_c000.png"]
    assert 46 < float(lower["llcrnrlat"]) < float(upper["llcrnrlat"]) < float(upper["urcrnrlat"]) < 47.5
    assert -100 < float(upper["llcrnrlon"]) < float(upper["urcrnrlon"]) < -99
    with (tmp_path / "out/truth/county_labels.csv").open() as file:
        assert {row["filename"]: row["label"] for row in csv.DictReader(file)}["scene_20140701_r001_c003.png"] == "Cultivated"


def test_places_without_data_are_dropped(tmp_path: Path, striped: Striped, write_raster: Write) -> None:
    holed = np.random.default_rng(0).integers(60, 200, (4, 64, 160), np.uint8)
    holed[:, :16, :48] = 0
    scene = write_raster("scene_20160701.tif", holed)
    result = cut_tiles(tmp_path / "out", request_of(([*striped[0], scene], striped[1]), county=scene))
    assert result.county == 37
    dropped = {(row["row"], row["column"]) for row in provenance(tmp_path / "out") if row["date"] == "20160701"}
    assert len(dropped) == 37 and not dropped & {("0", "0"), ("0", "1"), ("0", "2")}


def test_a_class_without_tiles_is_told(tmp_path: Path, striped: Striped, write_raster: Write) -> None:
    import rasterio

    with rasterio.open(striped[1]) as source:
        codes = source.read(1)
    codes[:4, :4] = 31
    result = cut_tiles(tmp_path / "out", request_of((striped[0], write_raster("l.tif", codes))))
    assert result.without_tiles == ["Barren"] and "No tiles of Barren." in result.sentence()


def test_the_same_request_again_does_nothing(tmp_path: Path, striped: Striped, monkeypatch: pytest.MonkeyPatch) -> None:
    first = cut_tiles(tmp_path / "out", request_of(striped))
    monkeypatch.setattr(tiles, "strips", lambda *_: pytest.fail("something was cut"))
    again = cut_tiles(tmp_path / "out", request_of(striped))
    assert again.made == 0 and again.data_sha256 == first.data_sha256 and "Nothing to do" in again.sentence()


def test_an_interrupted_cut_is_finished(tmp_path: Path, striped: Striped, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = cut_tiles(tmp_path / "whole", request_of(striped))
    written = 0
    real = cutting.write_whole

    def stop(path: Path, content: bytes) -> None:
        nonlocal written
        written += 1
        if written > 25:
            raise KeyboardInterrupt
        real(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(cutting, "write_whole", stop)
        with pytest.raises(KeyboardInterrupt):
            cut_tiles(tmp_path / "out", request_of(striped))
    assert json.loads((tmp_path / "out/tiles.json").read_text())["complete"] is False
    result = cut_tiles(tmp_path / "out", request_of(striped))
    assert result.made == 120 - 25 and result.data_sha256 == whole.data_sha256
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_a_missing_tile_is_cut_again(tmp_path: Path, striped: Striped) -> None:
    cut_tiles(tmp_path / "out", request_of(striped))
    next((tmp_path / "out/test").rglob("*.png")).unlink()
    assert cut_tiles(tmp_path / "out", request_of(striped)).made == 1


def test_a_scene_that_changed_is_refused(tmp_path: Path, striped: Striped, write_raster: Write) -> None:
    cut_tiles(tmp_path / "out", request_of(striped))
    write_raster(striped[0][0].name, np.full((4, 64, 160), 9, np.uint8))
    with pytest.raises(RefusedError, match="scenes"):
        cut_tiles(tmp_path / "out", request_of(striped))


def test_a_folder_with_other_things_is_refused(tmp_path: Path, striped: Striped) -> None:
    with pytest.raises(RefusedError, match="not empty"):
        cut_tiles(tmp_path, request_of(striped))


def test_a_request_that_cannot_be_met_leaves_no_folder(tmp_path: Path, striped: Striped, write_raster: Write) -> None:
    noise = np.random.default_rng(0).choice(np.array([31, 41, 52, 71, 82], np.uint8), (64, 160))
    with pytest.raises(DataError, match="No tile of 16 pixels has 75%"):
        cut_tiles(tmp_path / "out", request_of((striped[0], write_raster("l.tif", noise))))
    with pytest.raises(DataError, match="do not overlap"):
        cut_tiles(tmp_path / "out", request_of((striped[0], write_raster("m.tif", noise, left=LEFT + 1000 * PIXEL))))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"scenes": ()}, "No scene"),
        ({"majority": 0.0}, "majority"),
        ({"majority": 75}, "majority"),
        ({"test_fraction": 1.0}, "test fraction"),
        ({"tile_pixels": 4}, "too small"),
    ],
)
def test_requests_are_checked(striped: Striped, wrong: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        request_of(striped, **wrong)


def test_real_imagery(tmp_path: Path, shared: Path) -> None:
    naip = shared / "naip"
    scenes = tuple(sorted(naip.glob("m_*_20[01]*.tif")))
    assert [scene.stem[-8:-4] for scene in scenes] == ["2009", "2010", "2012", "2014", "2016", "2018"]
    result = cut_tiles(tmp_path / "out", TileRequest(scenes[:2], naip / "landcover.tif", scenes[-1], water=True))
    assert set(result.train) == set(result.test) == {"Cultivated", "Herbaceous", "Water"}
    assert sum(result.train.values()) + sum(result.test.values()) == 2 * 172
    assert result.county == 19 * 15
