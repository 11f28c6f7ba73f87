"""Two models, and two years of one: the numbers on the page are those of the stores."""

import json
from pathlib import Path
from typing import Any

import pytest

from aerial_ops.analysis.clusters import map_link
from aerial_ops.analysis.report import Order, order_of, write, write_report
from aerial_ops.analysis.report.county_map import LINK
from aerial_ops.errors import UsageError
from tests.analysis import synthetic
from tests.analysis.report import stores
from tests.analysis.report.parsing import Page
from tests.memory_store import MemoryStore


def parsed(path: Path) -> Page:
    page = Page(path.read_text("utf-8"))
    assert page.problems == []
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    return page


def test_two_models_are_compared_tile_by_tile(store: MemoryStore, tmp_path: Path) -> None:
    differing = stores.with_second_scoring(store)
    told = write(store, Order(("lr1", "rf1"), tmp_path / "page.html", "html"))  # type: ignore[arg-type]
    change, paired = told["change"], told["paired"]
    at = [change["classes"].index(name) for name in ("Herbaceous", "Cultivated")]
    tile = 224.0**2 / 1e4
    assert change["hectares"][at[0]][at[1]] == pytest.approx(differing * tile, rel=0.01)
    assert change["share"] == pytest.approx(change["hectares"][at[0]][at[1]] / sum(map(sum, change["hectares"])))
    tested = {name: stores.read(store, "predictions", f"{name}_predictions_test_set.csv") for name in ("lr1", "rf1")}
    labels = {name: {row["filepath"]: row["label"] == row["pred_label"] for row in rows} for name, rows in tested.items()}
    common = labels["lr1"].keys() & labels["rf1"].keys()
    assert paired["only_a"] == sum(labels["lr1"][path] and not labels["rf1"][path] for path in common)
    assert paired["only_b"] == sum(labels["rf1"][path] and not labels["lr1"][path] for path in common)
    page = parsed(tmp_path / "page.html")
    assert "lr1 and rf1 see the same land use on" in page.text and f"Only lr1 was right for {paired['only_a']}" in page.text
    assert "Only lr1 is right" in page.text and "$1.35" in page.text and "1 min 28 s" in page.text
    assert "aerial-ops report --compare lr1 rf1" in page.text
    assert len(json.loads(page.data[0])["arrays"]) == 5


def test_two_models_of_which_one_has_no_map(store: MemoryStore, tmp_path: Path) -> None:
    told = write(store, Order(("lr1", "rf1"), tmp_path / "page.html", "html"))  # type: ignore[arg-type]
    assert told["change"] is None
    assert "lr1 is right for 91.8 % of test tiles, rf1 for 83.1 %" in parsed(tmp_path / "page.html").text


def test_models_that_were_tested_on_other_tiles_are_not_paired(store: MemoryStore, tmp_path: Path) -> None:
    rows = stores.read(store, "predictions", "lr1_predictions_test_set.csv")
    moved = [{**row, "filepath": "other/" + row["filepath"]} for row in rows]
    stores.write(store, "predictions", "lr1_predictions_test_set.csv", moved)
    told = write(store, Order(("lr1", "rf1"), tmp_path / "page.html", "html"))  # type: ignore[arg-type]
    assert told["paired"] is None and any("no test tile in common" in note for note in told["notes"])
    relabelled = [{**row, "label": "Forest" if row["label"] != "Forest" else "Shrub"} for row in rows]
    stores.write(store, "predictions", "lr1_predictions_test_set.csv", relabelled)
    told = write(store, Order(("lr1", "rf1"), tmp_path / "page.html", "html"))  # type: ignore[arg-type]
    assert told["paired"] is None and any("different labels" in note for note in told["notes"])


def test_maps_of_different_places_are_a_note(store: MemoryStore, tmp_path: Path) -> None:
    stores.with_two_years(store)
    rows = stores.read(store, "middlesexma2016", "tile_summaries.csv")
    for row in rows:
        if row["filename"].startswith("2009"):
            row.update({key: f"{float(row[key]) + 5:.6f}" for key in ("llcrnrlat", "urcrnrlat")})
    stores.write(store, "middlesexma2016", "tile_summaries.csv", rows)
    told = write(store, Order(("rf1@2009", "rf1@2018"), tmp_path / "page.html", "html"))  # type: ignore[arg-type]
    assert told["change"] is None and any("no place in common" in note for note in told["notes"])


def test_two_years_of_a_model(store: MemoryStore, tmp_path: Path) -> None:
    built = stores.with_two_years(store)
    told = write(store, Order(("rf1@2009", "rf1@2018"), tmp_path / "page.html", "html"))  # type: ignore[arg-type]
    page = parsed(tmp_path / "page.html")
    assert told["titles"] == ["2009", "2018"] and told["paired"] is None
    assert f"{told['change']['share'] * 100:.1f} % of the land looks different in 2018 than in 2009" in page.text
    at = [told["change"]["classes"].index(name) for name in ("Forest", "Developed")]
    assert told["change"]["hectares"][at[0]][at[1]] == pytest.approx(built * 224.0**2 / 1e4, rel=0.01)
    assert "Forest → Developed" in page.text and "Scores" not in page.text


def test_a_model_with_two_years_shows_the_change_and_maps_the_newest(store: MemoryStore, tmp_path: Path) -> None:
    before = write(store, Order(("rf1",), tmp_path / "one.json", "json"))  # type: ignore[arg-type]
    stores.with_two_years(store)
    told = write_report(store, "rf1", tmp_path / "two.html")  # type: ignore[arg-type]
    assert told["tiles_on_map"] == before["tiles_on_map"]
    page = parsed(tmp_path / "two.html")
    assert ("2009 and 2018" in page.text and "of the land has changed beyond that" in page.text) or "do not prove" in page.text
    assert json.loads(page.data[0])["names"].startswith("2018/")


def test_newly_developed_land_is_listed(store: MemoryStore, tmp_path: Path) -> None:
    new = stores.with_older_labels(store)
    write_report(store, "rf1", tmp_path / "page.html")  # type: ignore[arg-type]
    write(store, Order(("rf1",), tmp_path / "data.json", "json"))  # type: ignore[arg-type]
    found = json.loads((tmp_path / "data.json").read_text("utf-8"))["newly_developed"]
    assert found["tiles"] == len(new) == sum(place["tiles"] for place in found["places"])
    page = parsed(tmp_path / "page.html")
    links = [link for link in page.links if link.startswith("https:")]
    assert links == [place["link"] for place in found["places"]]
    assert sum(attributes.get("data-goto") == "county" for _, attributes in page.tags) == len(links)
    assert f"{len(new)} tiles in {len(links)} places" in page.text and "was Forest" in page.text


def test_nothing_new_is_said(store: MemoryStore, tmp_path: Path) -> None:
    stores.with_older_labels(store, built=10_000)
    write_report(store, "rf1", tmp_path / "page.html")  # type: ignore[arg-type]
    assert "None of them is Developed now that was not before" in parsed(tmp_path / "page.html").text


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("rf1", "rf1"), "are the same"),
        (("rf1", "nobody"), "no finished run of a model 'nobody'"),
        (("rf1@2009", "rf1"), "has scored no tiles of 2009"),
        (("rf1", "../x"), "is not a model name"),
    ],
)
def test_what_cannot_be_compared(store: MemoryStore, tmp_path: Path, names: tuple[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        write(store, Order(names, tmp_path / "page.html", "html"))  # type: ignore[arg-type]
    assert not (tmp_path / "page.html").exists()


def test_an_order_is_for_one_model_or_for_two(tmp_path: Path) -> None:
    assert order_of("rf1", None, None, None, tmp_path).out == tmp_path / "rf1.html"
    order = order_of(None, ("rf1@2009", "lr1"), None, "pdf", tmp_path)
    assert order.names == ("rf1@2009", "lr1") and order.out == tmp_path / "rf1@2009-and-lr1.pdf"
    for name, compare in ((None, None), ("rf1", ("a", "b"))):
        with pytest.raises(UsageError, match="one model, or it compares two"):
            order_of(name, compare, None, None, tmp_path)
    with pytest.raises(UsageError, match="not a model name"):
        order_of("rf1@2009", None, None, None, tmp_path)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"compare": ("rf1", "lr1"), "form": "ipynb"}, "not written as a notebook"),
        ({"compare": ("rf1", "lr1"), "older": Path("older.csv")}, "does not look at older labels"),
        ({"name": "rf1", "form": "ipynb", "older": Path("older.csv")}, "from its folder of results"),
    ],
)
def test_what_does_not_go_together(tmp_path: Path, given: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        order_of(**{"name": None, "compare": None, "out": None, "form": None, "folder": tmp_path, **given})


def test_older_labels_come_from_a_file_too(store: MemoryStore, tmp_path: Path) -> None:
    stores.with_older_labels(store)
    stored = write(store, Order(("rf1",), tmp_path / "stored.html", "html"))  # type: ignore[arg-type]
    older = tmp_path / "older.csv"
    older.write_bytes(store.blobs.pop(("middlesexma2016", "older_labels.csv")))
    told = write(store, Order(("rf1",), tmp_path / "told.html", "html", older))  # type: ignore[arg-type]
    assert told["bytes"] == stored["bytes"]
    assert (tmp_path / "told.html").read_bytes() == (tmp_path / "stored.html").read_bytes()
    with pytest.raises(UsageError, match="no map of model 'lr1'"):
        write(store, Order(("lr1",), tmp_path / "lr1.html", "html", older))  # type: ignore[arg-type]


def test_the_same_storage_gives_the_same_comparison(store: MemoryStore, tmp_path: Path) -> None:
    stores.with_second_scoring(store)
    for name in ("a.html", "b.html"):
        write(store, Order(("lr1", "rf1"), tmp_path / name, "html"))  # type: ignore[arg-type]
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_hostile_names_stay_words_in_a_comparison(store: MemoryStore, tmp_path: Path) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    stores.with_second_scoring(store)
    for name in ("rf1", "lr1"):
        table = f"{name}_predictions_o16n.csv"
        rows = stores.read(store, "predictions", table)
        renamed = [{**row, "pred_label": row["pred_label"].replace("Forest", hostile)} for row in rows]
        stores.write(store, "predictions", table, renamed)
    write(store, Order(("lr1", "rf1"), tmp_path / "page.html", "html"))  # type: ignore[arg-type]
    page = parsed(tmp_path / "page.html")
    assert hostile in page.text and not any(attributes.get("src") == "x" for _, attributes in page.tags)


def test_the_script_s_links_are_the_analysis_s_own() -> None:
    assert LINK.replace("LAT", "42.50000").replace("LON", "-71.25000") == map_link(42.5, -71.25)


def test_a_county_without_tests_is_compared_without_scores(store: MemoryStore, tmp_path: Path) -> None:
    other = MemoryStore()
    synthetic.score(other, "rf1", 20)
    synthetic.score(other, "imported", 25)
    told = write(other, Order(("rf1", "imported"), tmp_path / "page.html", "html"))  # type: ignore[arg-type]
    assert told["change"]["share"] == 0 and told["change"]["by_error"] is None
    assert "Scores" not in parsed(tmp_path / "page.html").text
