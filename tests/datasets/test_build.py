import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from PIL import Image

from aerial_ops.datasets import build, cutting
from aerial_ops.datasets.build import build_images
from aerial_ops.datasets.request import BuildRequest
from aerial_ops.errors import DataError, RefusedError, UsageError
from tests.datasets.conftest import LEFT, PIXEL
from tests.datasets.test_sample import contents

Write = Callable[..., Path]
Striped = tuple[list[Path], Path]


def request_of(striped: Striped, **more: object) -> BuildRequest:
    scenes, labels = striped
    given = {"scenes": tuple(scenes), "labels": labels, "county": (scenes[-1],), "tile_metres": 80.0, "tile_pixels": 16, **more}
    return BuildRequest(**given)  # type: ignore[arg-type]


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as opened:
        return list(csv.DictReader(opened))


def test_sets_and_county_are_built(tmp_path: Path, striped: Striped) -> None:
    out = tmp_path / "out"
    result = build_images(out, request_of(striped))
    assert set(result.train) == set(result.test) == {"Cultivated", "Herbaceous"}
    labelled = sum(result.train.values()) + sum(result.test.values())
    assert labelled + result.dropped["sets"]["in the buffer around the test set"] == 2 * 72
    assert result.county == {"2014": 72} and result.made == labelled + 72
    names = {"build.json", "middlesexma2016", "provenance.csv", "summary.html", "test", "train", "truth"}
    assert {path.name for path in out.iterdir()} == names | {".lock"}
    for container, counts in (("train", result.train), ("test", result.test)):
        assert {folder.name: len(list(folder.iterdir())) for folder in (out / container).iterdir() if folder.is_dir()} == counts


def test_tiles_are_the_pixels_of_their_place(tmp_path: Path, striped: Striped) -> None:
    build_images(tmp_path / "out", request_of(striped))
    for row in rows_of(tmp_path / "out/provenance.csv"):
        with rasterio.open(striped[0][0].with_name(row["scene"])) as source:
            left, top, width, height = (float(row[f"window_{side}"]) for side in ("column", "row", "width", "height"))
            expected = source.read([1, 2, 3], window=rasterio.windows.Window(left, top, width, height)).transpose(1, 2, 0)
        with Image.open(tmp_path / "out" / row["container"] / row["path"]) as image:
            assert image.mode == "RGB"
            np.testing.assert_array_equal(np.asarray(image), expected)


def test_other_sizes_and_reference_systems(tmp_path: Path, striped: Striped, write_raster: Write) -> None:
    # A scene in degrees whose colour tells where it was taken: red grows eastward, green southward.
    south, west = 46.930, -99.262
    ramp = np.linspace(40, 240, 400, dtype=np.uint8)
    colours = np.stack([np.tile(ramp, (400, 1)), np.tile(ramp[:, None], (1, 400)), np.full((400, 400), 99, np.uint8)])
    scene = write_raster("turned 20180701.tif", colours, left=west, top=south + 0.02, pixel=0.00005, crs="EPSG:4326")
    request = BuildRequest(county=(scene,), tile_metres=300, tile_pixels=100, max_missing=0.2)
    out = tmp_path / "out"
    result = build_images(out, request)
    assert result.crs == "EPSG:32614" and result.train == {} and not (out / "truth").exists()
    assert sum(result.county.values()) == len(list((out / "middlesexma2016").glob("*.png"))) > 20
    for row in rows_of(out / "middlesexma2016/tile_summaries.csv"):
        longitude = (float(row["llcrnrlon"]) + float(row["urcrnrlon"])) / 2
        latitude = (float(row["llcrnrlat"]) + float(row["urcrnrlat"])) / 2
        with Image.open(out / "middlesexma2016" / row["filename"]) as image:
            assert image.size == (100, 100)
            red, green, blue = np.asarray(image)[49:51, 49:51].mean(axis=(0, 1))
        assert red == pytest.approx(40 + 200 * (longitude - west) / 0.02, abs=2)
        assert green == pytest.approx(40 + 200 * (south + 0.02 - latitude) / 0.02, abs=2) and blue == 99


def test_the_county_tables(tmp_path: Path, striped: Striped, write_raster: Write) -> None:
    with rasterio.open(striped[1]) as source:
        codes = source.read(1)
    codes[:16, :6] = 0  # tile 0, 0: ten of sixteen columns are still grass, but not all nine points
    codes[:16, 16:25] = 31  # tile 0, 1: nine of sixteen columns
    codes[16:32, :] = 11
    out = tmp_path / "out"
    build_images(out, request_of((striped[0], write_raster("l.tif", codes, nodata=0))))
    names = [row["filename"] for row in rows_of(out / "middlesexma2016/tile_summaries.csv")]
    assert names == sorted(names) and names[0] == "scene_20140701_r0000_c0000.png" and len(names) == 72
    older = {row["filename"][-15:-4]: row["label"] for row in rows_of(out / "middlesexma2016/older_labels.csv")}
    assert [older[f"r0000_c000{k}"] for k in range(4)] == ["Herbaceous", "Barren", "Herbaceous", "Cultivated"]
    assert [older[f"r0001_c000{k}"] for k in range(2)] == ["", ""] and len(older) == 72
    truth = {row["filename"][-15:-4]: row["label"] for row in rows_of(out / "truth/county_labels.csv")}
    assert set(older) - set(truth) >= {"r0000_c0000", "r0000_c0001", "r0001_c0003"} and truth["r0000_c0002"] == "Herbaceous"


def test_test_tiles_lie_where_their_table_says(tmp_path: Path, striped: Striped) -> None:
    out = tmp_path / "out"
    build_images(out, request_of(striped))
    places = {row["filename"]: tuple(row.values())[1:] for row in rows_of(out / "test/test_places.csv")}
    assert set(places) == {str(path.relative_to(out / "test")) for path in (out / "test").rglob("*.png")}
    county = {row["filename"][-15:]: tuple(row.values())[1:] for row in rows_of(out / "middlesexma2016/tile_summaries.csv")}
    assert all(county[name[-15:]] == corners for name, corners in places.items())


def test_a_county_with_labels_and_nothing_to_train_on(tmp_path: Path, striped: Striped) -> None:
    result = build_images(tmp_path / "out", request_of(striped, scenes=()))
    assert result.county == {"2014": 72} and result.train == result.test == {} and result.block is None
    assert len(rows_of(tmp_path / "out/middlesexma2016/older_labels.csv")) == 72
    assert not (tmp_path / "out/train").exists()


def test_overlap_is_for_labelled_tiles_only(tmp_path: Path, striped: Striped) -> None:
    result = build_images(tmp_path / "out", request_of(striped, overlap=0.5, label_rule="majority", majority=0.5))
    assert result.county == {"2014": 72} and sum(result.train.values()) > 72
    for row in rows_of(tmp_path / "out/truth/county_labels.csv"):
        assert row["label"] == ("Herbaceous", "Cultivated")[int(row["filename"][-6:-4]) % 2]


def test_two_years_of_a_county_lie_in_folders(tmp_path: Path, striped: Striped) -> None:
    out = tmp_path / "out"
    result = build_images(out, request_of(striped, county=tuple(striped[0])))
    assert result.county == {"2012": 72, "2014": 72}
    rows = rows_of(out / "middlesexma2016/tile_summaries.csv")
    places = {year: [tuple(row.values())[1:] for row in rows if row["filename"].startswith(f"{year}/")] for year in (2012, 2014)}
    assert len(places[2012]) == 72 and places[2012] == places[2014]
    assert all((out / "middlesexma2016" / row["filename"]).exists() for row in rows)


def test_scenes_of_one_year_make_one_picture(tmp_path: Path, write_raster: Write) -> None:
    ground = np.random.default_rng(0).integers(60, 200, (3, 64, 128), np.uint8)
    write_raster("west_20140701.tif", ground[:, :, :72])
    write_raster("east_20140708.tif", ground[:, :, 56:], left=LEFT + 56 * PIXEL)
    result = build_images(tmp_path / "out", BuildRequest(county=(tmp_path,), tile_metres=160, tile_pixels=32))
    assert result.county == {"2014": 8}
    rows = {row["path"]: row for row in rows_of(tmp_path / "out/provenance.csv")}
    between = rows["west_20140701_r0000_c0001.png"]
    assert between["scene"] == "west_20140701.tif" and "east_20140708_r0000_c0002.png" in rows
    for row in rows.values():
        top, left = int(row["row"]) * 32, int(row["column"]) * 32
        with Image.open(tmp_path / "out/middlesexma2016" / row["path"]) as image:
            np.testing.assert_array_equal(np.asarray(image).transpose(2, 0, 1), ground[:, top : top + 32, left : left + 32])
    # 40-pixel tiles: the second begins in the west and ends in the east.
    result = build_images(tmp_path / "other", BuildRequest(county=(tmp_path,), tile_metres=200, tile_pixels=40))
    rows = {row["path"]: row for row in rows_of(tmp_path / "other/provenance.csv")}
    assert rows["west_20140701_r0000_c0001.png"]["scene"] == "west_20140701.tif+east_20140708.tif"
    assert rows["west_20140701_r0000_c0001.png"]["date"] == "20140701+20140708"
    with Image.open(tmp_path / "other/middlesexma2016/west_20140701_r0000_c0001.png") as image:
        np.testing.assert_array_equal(np.asarray(image).transpose(2, 0, 1), ground[:, :40, 40:80])


def test_tiles_without_data_or_under_cloud_are_dropped(tmp_path: Path, striped: Striped, write_raster: Write) -> None:
    picture = np.random.default_rng(0).integers(60, 190, (4, 96, 192), np.uint8)
    picture[:, :16, :48] = 0
    picture[:, 16:32, :40] = 230  # two tiles and a half of cloud
    scene = write_raster("scene_20160701.tif", picture)
    request = request_of(([*striped[0], scene], striped[1]), county=(scene,), max_cloud=0.4)
    result = build_images(tmp_path / "out", request)
    assert result.dropped["county"] == {"under cloud": 3, "without data": 3} and result.county == {"2016": 66}
    unfit = {("0", "0"), ("0", "1"), ("0", "2"), ("1", "0"), ("1", "1"), ("1", "2")}
    rows = rows_of(tmp_path / "out/provenance.csv")
    assert not unfit & {(row["row"], row["column"]) for row in rows if row["date"] == "20160701"}
    assert build_images(tmp_path / "all", request_of(striped, county=(scene,), max_missing=0.999)).county == {"2016": 69}


def test_no_training_tile_is_nearer_to_a_test_tile_than_the_buffer(tmp_path: Path, striped: Striped) -> None:
    build_images(tmp_path / "out", request_of(striped, overlap=0.5, buffer_metres=130.0, county=()))
    places: dict[str, list[tuple[int, int]]] = {"train": [], "test": []}
    for row in rows_of(tmp_path / "out/provenance.csv"):
        places[row["container"]].append((int(row["row"]), int(row["column"])))
    training, held_out = (np.array(places[name]) * 40.0 for name in ("train", "test"))
    gaps = np.maximum(np.abs(training[:, None] - held_out[None]) - 80.0, 0)
    assert min(len(training), len(held_out)) > 10 and np.hypot(*gaps.transpose(2, 0, 1)).min() >= 130


def test_a_scene_that_is_damaged_half_way_down(tmp_path: Path, write_raster: Write) -> None:
    picture = np.random.default_rng(0).integers(60, 200, (3, 1600, 160), np.uint8)
    scene = write_raster("scene_20140701.tif", picture, compress="deflate", interleave="pixel")
    content = bytearray(scene.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 4000] = bytes(4000)
    scene.write_bytes(content)
    with pytest.raises(DataError, match=r"scene_20140701\.tif is damaged") as caught:
        build_images(tmp_path / "out", BuildRequest(county=(scene,), tile_metres=80, tile_pixels=16))
    assert "in another folder" in caught.value.suggestion


def test_classes_are_balanced(tmp_path: Path, striped: Striped) -> None:
    result = build_images(tmp_path / "out", request_of(striped, per_class=8, county=()))
    assert result.train == {"Cultivated": 8, "Herbaceous": 8} and result.test == {"Cultivated": 2, "Herbaceous": 2}
    assert result.dropped["sets"]["more than the class needs"] > 60
    other = build_images(tmp_path / "other", request_of(striped, per_class=8, county=(), seed=1))
    assert other.data_sha256 != result.data_sha256 and other.train == result.train


def test_a_balanced_class_makes_up_for_dropped_tiles(tmp_path: Path, striped: Striped, write_raster: Write) -> None:
    picture = np.random.default_rng(0).integers(60, 200, (4, 96, 192), np.uint8)
    picture[:, ::16, :96] = 0  # a sixteenth is missing in the left half
    scene = write_raster("scene_20160701.tif", picture)
    result = build_images(tmp_path / "out", request_of(([scene], striped[1]), per_class=4, county=(), test_fraction=0.4))
    assert result.train == {"Cultivated": 4, "Herbaceous": 4} and result.dropped["sets"]["without data"] > 0


def test_a_class_without_tiles_is_told(tmp_path: Path, striped: Striped, write_raster: Write) -> None:
    with rasterio.open(striped[1]) as source:
        codes = source.read(1)
    codes[:4, :4] = 31
    result = build_images(tmp_path / "out", request_of((striped[0], write_raster("l.tif", codes))))
    assert result.without_tiles == ["Barren"] and "No tiles of Barren." in result.sentence()


def test_the_same_request_again_does_nothing(tmp_path: Path, striped: Striped, monkeypatch: pytest.MonkeyPatch) -> None:
    first = build_images(tmp_path / "out", request_of(striped))
    monkeypatch.setattr(build, "in_threads", lambda *_: pytest.fail("something was cut"))
    again = build_images(tmp_path / "out", request_of(striped))
    assert again.made == 0 and again.data_sha256 == first.data_sha256 and "Nothing to do" in again.sentence()


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, striped: Striped, monkeypatch: pytest.MonkeyPatch) -> None:
    build_images(tmp_path / "one", request_of(striped, per_class=10))
    monkeypatch.setattr(build, "cores", lambda: 7)
    monkeypatch.setattr(cutting, "BLOCK_PIXELS", 40)
    build_images(tmp_path / "other", request_of(striped, per_class=10))
    assert contents(tmp_path / "other") == contents(tmp_path / "one")


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_what_was_interrupted_is_finished(
    tmp_path: Path, striped: Striped, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    whole = build_images(tmp_path / "whole", request_of(striped))
    monkeypatch.setattr(cutting, "BLOCK_PIXELS", 32)
    written = 0
    real = cutting.write_whole

    def stop(path: Path, content: bytes) -> None:
        nonlocal written
        written += 1
        if written > 65:
            raise fault
        real(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(cutting, "write_whole", stop)
        with pytest.raises((KeyboardInterrupt, DataError)) as caught:
            build_images(tmp_path / "out", request_of(striped))
    if isinstance(fault, OSError):
        assert "the disk is full" in str(caught.value)
    assert json.loads((tmp_path / "out/build.json").read_text())["complete"] is False
    (tmp_path / "out/.outcomes.jsonl").open("a").write('\n{"container": "train", "pa')
    looked_at: list[str] = []
    judge = cutting.Cutter._judge

    def noted(cutter: cutting.Cutter, tile: cutting.Tile, *rest: np.ndarray) -> object:
        looked_at.append(tile.path)
        return judge(cutter, tile, *rest)

    monkeypatch.setattr(cutting.Cutter, "_judge", noted)
    result = build_images(tmp_path / "out", request_of(striped))
    assert result.made == whole.made - 65 and result.data_sha256 == whole.data_sha256
    assert len(looked_at) < whole.made - 40  # finished blocks are not read again
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_a_missing_tile_is_cut_again(tmp_path: Path, striped: Striped) -> None:
    build_images(tmp_path / "out", request_of(striped))
    next((tmp_path / "out/test").rglob("*.png")).unlink()
    assert build_images(tmp_path / "out", request_of(striped)).made == 1


def test_a_scene_that_changed_is_refused(tmp_path: Path, striped: Striped, write_raster: Write) -> None:
    build_images(tmp_path / "out", request_of(striped))
    write_raster(striped[0][0].name, np.full((4, 96, 192), 9, np.uint8))
    with pytest.raises(RefusedError, match="scenes"):
        build_images(tmp_path / "out", request_of(striped))


def test_a_folder_with_other_things_is_refused(tmp_path: Path, striped: Striped) -> None:
    with pytest.raises(RefusedError, match="not empty"):
        build_images(tmp_path, request_of(striped))


def test_a_request_that_cannot_be_met_leaves_no_folder(tmp_path: Path, striped: Striped, write_raster: Write) -> None:
    noise = np.random.default_rng(0).choice(np.array([31, 41, 52, 71, 82], np.uint8), (96, 192))
    labels = write_raster("l.tif", noise)
    with pytest.raises(DataError, match="No tile of 80 m has all 3 x 3 points in one class"):
        build_images(tmp_path / "out", request_of((striped[0], labels)))
    with pytest.raises(DataError, match="No tile of 80 m is 75% of one class"):
        build_images(tmp_path / "out", request_of((striped[0], labels), label_rule="majority"))
    elsewhere = write_raster("m.tif", noise, left=LEFT + 1000 * PIXEL)
    with pytest.raises(DataError, match="do not overlap"):
        build_images(tmp_path / "out", request_of((striped[0], elsewhere)))
    assert not (tmp_path / "out").exists()


def test_a_county_without_data(tmp_path: Path, write_raster: Write) -> None:
    scene = write_raster("black.tif", np.zeros((3, 64, 64), np.uint8))
    with pytest.raises(DataError, match="no tile with data"):
        build_images(tmp_path / "out", BuildRequest(county=(scene,), tile_metres=80, tile_pixels=16))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"scenes": (), "county": ()}, "No scene"),
        ({"labels": None}, "need labels"),
        ({"label_rule": "guess"}, "no label rule"),
        ({"majority": 0.0}, "majority"),
        ({"majority": 75}, "majority"),
        ({"test_fraction": 1.0}, "test fraction"),
        ({"tile_pixels": 4}, "not possible"),
        ({"per_class": 0}, "leaves none"),
        ({"max_missing": 1.5}, "without data"),
        ({"max_cloud": -1.0}, "under cloud"),
    ],
)
def test_requests_are_checked(striped: Striped, wrong: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        request_of(striped, **wrong)


def test_real_imagery(tmp_path: Path, shared: Path) -> None:
    naip = shared / "naip"
    scenes = sorted(naip.glob("m_*_20[01]*.tif"))
    assert [scene.stem[-8:-4] for scene in scenes] == ["2009", "2010", "2012", "2014", "2016", "2018"]
    request = BuildRequest(
        scenes=tuple(scenes[:2]),
        labels=naip / "landcover.tif",
        county=(scenes[-1],),
        tile_metres=240,
        tile_pixels=48,
        label_rule="majority",
        water=True,
    )
    result = build_images(tmp_path / "out", request)
    assert set(result.train) == set(result.test) == {"Cultivated", "Herbaceous", "Water"}
    assert result.county == {"2018": 19 * 15} and result.dropped["sets"]["without a label"] < 2 * 19 * 15 / 2
    assert result.block == 960 and result.buffer == 240
