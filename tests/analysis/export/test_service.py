import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aerial_ops.analysis.export.formats import Format
from aerial_ops.analysis.export.service import export
from aerial_ops.errors import AerialOpsError, DataError, ToolError, UsageError
from aerial_ops.storage import layout
from tests.analysis import synthetic
from tests.memory_store import MemoryStore

rasterio = pytest.importorskip("rasterio", reason="rasterio comes with the extra geo")


@pytest.fixture(scope="module")
def scored() -> MemoryStore:
    store = MemoryStore()
    synthetic.train(store, "rf1", 0.4, 0, tiles=300)
    synthetic.score(store, "rf1", 5)
    return store


@pytest.fixture
def store(scored: MemoryStore) -> MemoryStore:
    copy = MemoryStore()
    copy.blobs = dict(scored.blobs)
    return copy


def run(store: MemoryStore, out: Path, *formats: Format, **options: Any) -> dict[str, Any]:
    return export(store, "rf1", out, formats or tuple(Format), **options)  # type: ignore[arg-type]


def lines(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text())))


def give_older_labels(store: MemoryStore, year: str = "") -> dict[str, str]:
    rows = csv.DictReader(io.StringIO(store.read(layout.COUNTY, layout.TILE_SUMMARIES).decode()))
    older = {row["filename"]: "Forest" for row in rows if row["filename"].startswith(year)}
    text = "filename,label\n" + "".join(f"{name},{label}\n" for name, label in older.items())
    store.write(layout.COUNTY, layout.OLDER_LABELS, text)
    return older


def test_all_formats_say_the_same_of_every_tile(store: MemoryStore, tmp_path: Path) -> None:
    give_older_labels(store)
    told = run(store, tmp_path / "out")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    endings = "classes.tif", "classes.tif.aux.xml", "confidence.tif", "land.csv", "newly_developed.csv", "newly_developed.geojson"
    more = "smoothed.tif", "smoothed.tif.aux.xml", "tiles.csv", "tiles.geojson"
    assert names == [f"rf1_{ending}" for ending in endings + more]
    assert sorted(told["files"]) == [str(tmp_path / "out" / name) for name in names]
    rows = lines(tmp_path / "out" / "rf1_tiles.csv")
    (told_map,) = told["maps"]
    assert told_map["tiles"] == len(rows) > 300
    features = json.loads((tmp_path / "out" / "rf1_tiles.geojson").read_text())["features"]
    with (
        rasterio.open(tmp_path / "out" / "rf1_classes.tif") as file,
        rasterio.open(tmp_path / "out" / "rf1_confidence.tif") as sure,
    ):
        cells, shares = file.read(1), sure.read(1)
        for row, feature in zip(rows, features, strict=True):
            at = int(row["row"]), int(row["column"])
            assert feature["properties"]["class"] == row["class"] == file.tags()[f"CLASS_{cells[at]}"]
            assert feature["properties"]["confidence"] == float(row["confidence"]) == pytest.approx(float(shares[at]), abs=6e-5)
    new = [row for row in rows if row["class"] == "Developed"]
    assert [row["newly_developed"] for row in rows].count("1") == len(new) > 10
    places = lines(tmp_path / "out" / "rf1_newly_developed.csv")
    assert told_map["newly_developed"]["places"] == len(places)
    assert sum(int(place["tiles"]) for place in places) == len(new)


def test_the_formats_asked_for_only(store: MemoryStore, tmp_path: Path) -> None:
    run(store, tmp_path / "a", Format.CSV)
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["rf1_land.csv", "rf1_tiles.csv"]
    run(store, tmp_path / "b", Format.GEOJSON, merged=True)
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["rf1_areas.geojson"]


def two_years(store: MemoryStore) -> None:
    """The county in 2009 and, with 40 tiles turned into Developed, in 2018."""
    for table in ((layout.COUNTY, layout.TILE_SUMMARIES), (layout.PREDICTIONS, "rf1_predictions_o16n.csv")):
        head, *rows = store.read(*table).decode().splitlines()
        later = [row.rpartition(",")[0] + ",Developed" if "pred" in head and i < 40 else row for i, row in enumerate(rows)]
        store.write(*table, "\n".join([head, *(f"2009/{row}" for row in rows), *(f"2018/{row}" for row in later)]))


def test_each_year_is_a_map_and_the_change_between_them_is_one_too(store: MemoryStore, tmp_path: Path) -> None:
    two_years(store)
    give_older_labels(store, "2018")
    told = run(store, tmp_path)
    assert [one["map"] for one in told["maps"]] == ["rf1_2009", "rf1_2018"]
    rows = lines(tmp_path / "rf1_2018_tiles.csv")
    before = {row["filename"].removeprefix("2009/"): row["class"] for row in lines(tmp_path / "rf1_2009_tiles.csv")}
    changed = [row for row in rows if before[row["filename"].removeprefix("2018/")] != row["class"]]
    (change,) = told["changes"]
    assert change["change"] == "rf1_change_2009_2018"
    assert change["share"] == pytest.approx(len(changed) / len(rows), abs=2e-3) and change["share_by_error"] > 0.15
    places = lines(tmp_path / "rf1_change_2009_2018.csv")
    features = json.loads((tmp_path / "rf1_change_2009_2018.geojson").read_text())["features"]
    assert change["places"] == len(places) == len(features)
    assert sum(int(place["tiles"]) for place in places) == len(changed) > 20
    assert {place["after"] for place in places} == {"Developed"} and all(place["before"] != "Developed" for place in places)
    with rasterio.open(tmp_path / "rf1_change_2009_2018.tif") as file:
        cells, names = file.read(1), file.tags()
    for row in rows:
        kind = names[f"CLASS_{cells[int(row['row']), int(row['column'])]}"]
        was = before[row["filename"].removeprefix("2018/")]
        assert kind == ("Unchanged" if was == row["class"] else f"{was} to {row['class']}")


def test_years_of_different_places_have_no_change_between_them(store: MemoryStore, tmp_path: Path) -> None:
    two_years(store)
    moved = store.read(layout.COUNTY, layout.TILE_SUMMARIES).decode().splitlines()
    moved = [line.replace(",42.", ",43.") if line.startswith("2009/") else line for line in moved]
    store.write(layout.COUNTY, layout.TILE_SUMMARIES, "\n".join(moved))
    told = run(store, tmp_path, Format.CSV)
    assert len(told["maps"]) == 2 and told["changes"] == []
    assert told["notes"] == ["2009 and 2018 are not compared. The two maps have no place in common."]


def test_older_labels_from_a_file_of_ones_own(store: MemoryStore, tmp_path: Path) -> None:
    older = give_older_labels(store)
    file = tmp_path / "mine.csv"
    file.write_text("filename,label\n" + "".join(f"{name},Developed\n" for name in older))
    told = run(store, tmp_path / "out", Format.CSV, older=file)
    assert told["maps"][0]["newly_developed"] == {"places": 0, "hectares": 0}
    assert lines(tmp_path / "out" / "rf1_newly_developed.csv") == []


def test_tiles_on_no_grid_are_exported_as_tiles_only(store: MemoryStore, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    head, *rows = store.read(layout.COUNTY, layout.TILE_SUMMARIES).decode().splitlines()
    strewn = [row.split(",")[0] for row in rows]
    corners = [(42 + a, -71 + b) for a, b in rng.uniform(0, 0.05, (len(strewn), 2))]
    text = "\n".join([head, *(f"{n},{a},{b},{a + 0.002},{b + 0.0027}" for n, (a, b) in zip(strewn, corners, strict=True))])
    store.write(layout.COUNTY, layout.TILE_SUMMARIES, text)
    told = run(store, tmp_path / "out", Format.CSV, Format.GEOJSON)
    assert told["maps"][0]["crs"] is None and len(told["files"]) == 3
    for options in ({"merged": True}, {}):
        with pytest.raises(DataError, match="one grid"):
            run(store, tmp_path / "none", *([Format.GEOJSON] if options else []), **options)
    assert not (tmp_path / "none").exists()


def test_what_there_is_nothing_of_is_refused(store: MemoryStore, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'other' has not scored") as caught:
        export(store, "other", tmp_path, [Format.CSV])  # type: ignore[arg-type]
    assert caught.value.suggestion == "aerial-ops score --name other"
    store.delete(layout.COUNTY, layout.TILE_SUMMARIES)
    with pytest.raises(DataError, match=r"places .* are not in storage"):
        run(store, tmp_path, Format.CSV)


def test_a_file_that_cannot_be_written_leaves_none_half(store: MemoryStore, tmp_path: Path) -> None:
    (tmp_path / "out" / "rf1_tiles.geojson").mkdir(parents=True)
    with pytest.raises(AerialOpsError, match=r"The map could not be written to .*rf1_tiles\.geojson"):
        run(store, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["rf1_land.csv", "rf1_tiles.csv", "rf1_tiles.geojson"]


def test_without_the_extra_csv_works_and_the_others_say_what_to_install(
    store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    from aerial_ops.datasets import projection

    projection._transformer.cache_clear()
    for module in ("pyproj", "rasterio"):
        monkeypatch.setitem(sys.modules, module, None)
    assert len(run(store, tmp_path / "a", Format.CSV)["files"]) == 2
    for form in (Format.GEOJSON, Format.GEOTIFF):
        with pytest.raises(ToolError, match="not installed") as caught:
            run(store, tmp_path / "b", form)
        assert 'pip install "aerial-ops[geo]"' in caught.value.suggestion
    assert not (tmp_path / "b").exists()
