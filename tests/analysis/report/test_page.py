import base64
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from aerial_ops.analysis import text
from aerial_ops.analysis.metrics import group_of
from aerial_ops.analysis.report import write_report
from aerial_ops.analysis.report.county_map import LINK
from aerial_ops.analysis.report.findings import areas_of, find
from aerial_ops.analysis.report.model_page import render
from aerial_ops.analysis.report.results import results_of
from aerial_ops.analysis.report.sources import ReportData, collect
from aerial_ops.analysis.report.words import hectares
from aerial_ops.runs.history import History
from tests.analysis import synthetic
from tests.analysis.report.parsing import Page
from tests.memory_store import MemoryStore


def rendered(store: MemoryStore, name: str) -> str:
    results = results_of(store)  # type: ignore[arg-type]
    data = collect(results, name)
    return render(data, find(results, data))


def report_of(store: MemoryStore, name: str = "rf1") -> Page:
    page = Page(rendered(store, name))  # type: ignore[arg-type]
    assert page.problems == []
    return page


def test_the_page_is_well_formed_and_loads_nothing(page: Path) -> None:
    html = page.read_text("utf-8")
    parsed = Page(html)
    assert parsed.problems == []
    assert all(link.startswith(("#", "data:image/webp;base64,", "data:image/png;base64,")) for link in parsed.links)
    followed = html.replace(LINK.partition("?")[0], "")  # a link is for the reader to follow; nothing is loaded by it
    assert "http://" not in followed and "https://" not in followed and "@import" not in html and "url(" not in html
    ids = [attributes["id"] for _, attributes in parsed.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in parsed.links if link.startswith("#")} <= set(ids)


def test_the_policy_allows_only_the_page_s_own_script(page: Path) -> None:
    parsed = Page(page.read_text("utf-8"))
    policy = next(a["content"] for tag, a in parsed.tags if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy
    digest = base64.b64encode(hashlib.sha256(parsed.data[-1].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert not any(name.startswith("on") for _, attributes in parsed.tags for name in attributes)


def test_the_numbers_are_the_metrics(page: Path, data: ReportData) -> None:
    words, metrics = Page(page.read_text("utf-8")).text, data.metrics
    assert metrics
    for share in (metrics.accuracy, metrics.groups.accuracy):
        assert text.percent(share) in words
    assert text.interval(metrics.accuracy_interval) in words
    for one in metrics.per_class:
        shares = [(one.precision, one.precision_interval), (one.recall, one.recall_interval)]
        row = [one.name, *(f"{text.percent(share)} {text.interval(bounds, 0)}" for share, bounds in shares)]
        row += [text.decimal(one.f1), text.percent(one.accuracy)]
        assert f"{' '.join(row)} {one.support}" in words
    for i, name in enumerate(metrics.classes):
        cells = [f"{text.percent(n / sum(metrics.confusion[i]), 0)} {n}" if n else "·" for n in metrics.confusion[i]]
        assert f"{name} {' '.join(cells)} {sum(metrics.confusion[i])}" in words


def test_the_map_s_bytes_are_the_county(page: Path, data: ReportData) -> None:
    county, island = data.county, json.loads(Page(page.read_text("utf-8")).data[0])
    assert county

    def array(key: str, kind: str) -> np.ndarray:
        return np.frombuffer(base64.b64decode(island[key]), kind)

    def packed(key: str) -> np.ndarray:
        return np.frombuffer(base64.b64decode(island["arrays"][key]), "u1")

    assert np.array_equal(packed("raw"), county.raw) and np.array_equal(packed("smoothed"), county.smoothed)
    assert np.array_equal(array("row", "<u2"), county.grid.rows) and np.array_equal(array("col", "<u2"), county.grid.cols)
    assert np.allclose(array("lat", "<f4"), (county.places.south + county.places.north) / 2, atol=1e-5)
    assert island["names"].split("\n") == county.places.names
    assert data.mapped.certainty is not None and np.array_equal(packed("sure"), np.rint(data.mapped.certainty * 100))
    assert (island["rows"], island["cols"]) == county.grid.shape
    views = {view["id"]: view for view in island["views"]}
    groups = {one["name"]: one["standard"] for one in views["groups"]["entries"]}
    for label, name in enumerate(county.classes):
        assert views["classes"]["entries"][views["classes"]["lookup"][label]]["name"] == name
        assert views["groups"]["entries"][views["groups"]["lookup"][label]]["name"] == group_of(name)
    sure = views["sure"]
    assert [sure["entries"][sure["lookup"][at]]["name"] for at in (100, 90, 89, 50, 49, 0)] == [
        "90 % or more", "90 % or more", "80 to 90 %", "50 to 60 %", "less than 50 %", "less than 50 %",
    ]  # fmt: skip
    assert groups["Cultivated"] == "#ffffff" and groups["Developed"].startswith("#d") and groups["Undeveloped"] == "#3f8f4f"


def test_the_land_table_holds_shares_and_areas(page: Path, data: ReportData) -> None:
    words, county = Page(page.read_text("utf-8")).text, data.county
    assert county
    land, smoothed = county.square_metres(county.raw), county.square_metres(county.smoothed)
    total = sum(land.values())
    for name, tiles in county.tiles(county.raw).items():
        row = f"{name} {tiles} {land[name] / 1e6:.{1 if land[name] >= 1e7 else 2}f} {text.percent(land[name] / total)}"
        assert f"{row} {text.percent(smoothed[name] / total)}" in words


def test_where_the_test_set_is_unlike_the_map_both_estimates_of_land_are_shown(page: Path, data: ReportData) -> None:
    words, found = Page(page.read_text("utf-8")).text, areas_of(data)
    assert found is not None and found.other is not None and "Olofsson et al., ha" in words
    for row, other in zip(found.rows, found.other.rows, strict=True):
        numbers = [row.mapped, row.estimate, row.low, row.high, other.estimate]
        shown = " ".join(hectares(number) for number in numbers)
        assert f"{row.name} {shown} {hectares(other.low)} to {hectares(other.high)}" in words


def test_the_same_storage_gives_the_same_page(store: MemoryStore, page: Path, tmp_path: Path) -> None:
    write_report(store, "rf1", tmp_path / "again.html")  # type: ignore[arg-type]
    assert (tmp_path / "again.html").read_bytes() == page.read_bytes()


def test_models_are_ranked_and_the_best_and_this_one_are_marked(page: Path) -> None:
    words = Page(page.read_text("utf-8")).text
    places = [words.index(f" {name} a ") if name != "lr1" else words.index("lr1 best a ") for name in ("lr1", "deep")]
    assert places == sorted(places)
    assert "rf1 this report a random forest" in words
    assert "lr1 is the most accurate" in words and "$1.35" in words


def test_each_run_tells_what_memory_it_took(page: Path) -> None:
    words = Page(page.read_text("utf-8")).text
    assert words.count("Peak memory 248 MB in a worker process, 180 MB in the driver") == 1  # the scoring's record has none


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;{{7*7}}"


def test_hostile_names_stay_words(store: MemoryStore) -> None:
    text_of = store.blobs["middlesexma2016", "tile_summaries.csv"].decode()
    quoted = '"' + HOSTILE.replace('"', '""') + '"'
    store.write("middlesexma2016", "tile_summaries.csv", text_of.replace("tile_00000.png", quoted))
    county = store.blobs["predictions", "rf1_predictions_o16n.csv"].decode()
    store.write(
        "predictions", "rf1_predictions_o16n.csv", county.replace("tile_00000.png", quoted).replace(",Shrub", "," + quoted)
    )
    store.write("predictions", "rf1_rejected.csv", f"filepath,reason\n{quoted},{quoted}\n")
    record = History(store).get("rf1")  # type: ignore[arg-type]
    assert record.metrics and record.classifier
    classes = [HOSTILE if name == "Shrub" else name for name in record.metrics.classes]
    document = json.loads(record.to_json())
    document["metrics"] = {"classes": classes, "confusion": document["metrics"]["confusion"]}
    document["classifier"]["params"] = {HOSTILE: HOSTILE}
    store.write("runs", f"{record.run_id}/record.json", json.dumps(document))
    page = report_of(store)
    assert "alert(1)" in page.text and "{{7*7}}" in page.text
    assert not any(attributes.get("src") == "x" for _, attributes in page.tags)
    assert sum(tag == "script" for tag, _ in page.tags) == 2
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert any(one["name"] == HOSTILE for one in json.loads(page.data[0])["views"][1]["entries"])


def test_without_a_scored_county_it_says_how_to_get_the_map(store: MemoryStore) -> None:
    page = report_of(store, "lr1")
    assert "aerial-ops score --name lr1" in page.text
    assert "lr1 is the most accurate, before deep" in page.text
    assert not any(attributes.get("id") == "county" for _, attributes in page.tags)
    assert "The test images are not in the container test" not in page.text


def test_a_single_run_is_enough(tmp_path: Path) -> None:
    store = MemoryStore()
    synthetic.train(store, "only", 0.4, 0, tiles=40)
    page = report_of(store, "only")
    assert "Only one model has been trained" in page.text
    assert "most accurate" not in page.text


def test_a_network_trained_elsewhere_has_a_map_but_no_quality() -> None:
    store = MemoryStore()
    synthetic.score(store, "imported", 0, rows=5, cols=5, outline=False)
    page = report_of(store, "imported")
    assert "trained elsewhere" in page.text
    assert any(attributes.get("id") == "county" for _, attributes in page.tags)
    assert "Confusion matrix" not in page.text


def test_a_scoring_without_places_shows_shares_without_a_map(store: MemoryStore) -> None:
    del store.blobs["middlesexma2016", "tile_summaries.csv"]
    page = report_of(store)
    assert "so there is no map" in page.text
    assert "All classes Tiles Share" in page.text


@pytest.mark.parametrize(
    ("gone", "words"),
    [
        (("predictions", "rf1_predictions_test_set.csv"), "no tiles can be shown"),
        (("predictions", "rf1_predictions_o16n.csv"), "The county was scored, but its predictions"),
    ],
)
def test_what_is_missing_is_said_and_the_rest_is_shown(store: MemoryStore, gone: tuple[str, str], words: str) -> None:
    del store.blobs[gone]
    page = report_of(store)
    assert words in page.text and "Precision" in page.text


def test_pictures_that_are_gone_or_broken_are_passed_over(store: MemoryStore) -> None:
    names = [key for key in store.blobs if key[0] == "test"]
    for i, key in enumerate(names):
        store.blobs[key] = b"broken" if i % 2 else b""
    assert "The test images are not in the container test" in report_of(store).text


def test_a_map_older_than_the_model_is_said(store: MemoryStore) -> None:
    synthetic.train(store, "rf1", 0.5, 60, tiles=50)
    assert "the map is an older model's" in report_of(store).text


def test_predictions_of_another_run_are_noticed(store: MemoryStore) -> None:
    raw = store.blobs["predictions", "rf1_predictions_test_set.csv"].decode().splitlines()
    store.write("predictions", "rf1_predictions_test_set.csv", "\n".join(raw[:400]) + "\n")
    assert "are not those of run rf1-train" in report_of(store).text


@pytest.mark.parametrize("raw", [b"", b"PAR1 but not really", b"PAR1"])
def test_a_damaged_parquet_costs_only_the_probabilities(store: MemoryStore, raw: bytes) -> None:
    store.blobs["predictions", "rf1_predictions_test_set.parquet"] = raw
    page = report_of(store)
    assert "probabilities beside predictions/rf1_predictions_test_set.csv are not readable" in page.text
    assert any(tag == "img" for tag, _ in page.tags)


def test_images_left_out_are_listed_counted_or_none(store: MemoryStore) -> None:
    assert "middlesexma2016/tile_90001.png empty file" in report_of(store).text
    del store.blobs["predictions", "rf1_rejected.csv"]
    assert "could not use 2 images; the list of them is not in storage" in report_of(store).text
    perfect = MemoryStore()
    synthetic.train(perfect, "a", 0.5, 0, tiles=30, counts={"train": {"used": 30, "rejected": 0}})
    assert "could use every image" in report_of(perfect, "a").text


def test_tiles_strewn_over_the_world_are_not_drawn(store: MemoryStore) -> None:
    rows = store.blobs["middlesexma2016", "tile_summaries.csv"].decode()
    far = "far.png,-40,150,-39.998,150.0027\n"
    store.write("middlesexma2016", "tile_summaries.csv", rows + far)
    county = store.blobs["predictions", "rf1_predictions_o16n.csv"].decode()
    store.write("predictions", "rf1_predictions_o16n.csv", county + "far.png,Forest\n")
    page = report_of(store)
    assert "the tiles lie too far apart" in page.text and "All classes Tiles Share" in page.text


def test_sixty_seven_thousand_tiles_stay_below_ten_megabytes() -> None:
    store = MemoryStore()
    synthetic.score(store, "big", 0, rows=268, cols=250, outline=False)
    html = rendered(store, "big")  # type: ignore[arg-type]
    assert "66,997 tiles" in html and len(html) < 5_000_000
