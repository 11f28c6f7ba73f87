import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aerial_ops.analysis.report import Order, browser, form_of, write, write_report
from aerial_ops.errors import ToolError, UsageError
from aerial_ops.runs.download import download_results
from tests.memory_store import MemoryStore

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_plain_data_holds_the_numbers_of_the_page(store: MemoryStore, page: Path, tmp_path: Path) -> None:
    told = write(store, Order(("rf1",), tmp_path / "rf1.json", "json"))  # type: ignore[arg-type]
    found = json.loads((tmp_path / "rf1.json").read_text("utf-8"))
    assert found["metrics"]["accuracy"] == told["accuracy"]
    assert told["best"] == found["best"] == "lr1"
    assert [len(found["land"][kind]) for kind in ("groups", "classes")] == [3, 6]
    assert sum(line["raw"] for line in found["land"]["classes"]) == pytest.approx(1)
    assert sum(line["tiles"] for line in found["land"]["groups"]) == told["tiles_on_map"]
    assert found["left_out"] == {
        "images": 2,
        "listed": [
            {"path": "middlesexma2016/tile_90001.png", "reason": "empty file"},
            {"path": "middlesexma2016/tile_90002.png", "reason": "not an image"},
        ],
    }
    html = page.read_text("utf-8").replace("\u00a0", " ")
    assert all(paragraph in html for paragraph in found["summary"])
    assert [run["kind"] for run in found["runs"]] == ["train", "score"]


def test_the_ending_of_the_file_names_the_format() -> None:
    assert form_of(None, Path("a/REPORT.PDF")) == "pdf"
    assert form_of(None, Path("report.txt")) == form_of(None, None) == "html"
    assert form_of("json", Path("report.pdf")) == "json"


def test_a_downloaded_folder_is_enough(store: MemoryStore, tmp_path: Path) -> None:
    download_results(store, "rf1", tmp_path / "rf1")  # type: ignore[arg-type]
    told = write_report(tmp_path / "rf1", "rf1", tmp_path / "rf1.html")
    stored = write_report(store, "rf1", tmp_path / "stored.html")  # type: ignore[arg-type]
    assert told["notes"] == ["The test images are not in the container test; no tiles can be shown."]
    same = ("accuracy", "groups_accuracy", "tiles_on_map", "square_kilometres", "train_run", "score_run")
    assert {key: told[key] for key in same} == {key: stored[key] for key in same}


def test_a_folder_that_is_not_there_or_holds_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no folder"):
        write_report(tmp_path / "none", "rf1", tmp_path / "rf1.html")
    with pytest.raises(UsageError, match="no finished run of a model 'rf1'"):
        write_report(tmp_path, "rf1", tmp_path / "rf1.html")


@pytest.mark.usefixtures("browser")
def test_it_is_printed_to_pdf(store: MemoryStore, tmp_path: Path) -> None:
    told = write(store, Order(("rf1",), tmp_path / "rf1.pdf", "pdf"))  # type: ignore[arg-type]
    raw = (tmp_path / "rf1.pdf").read_bytes()
    assert raw.startswith(b"%PDF-") and raw.rstrip().endswith(b"%%EOF") and len(raw) == told["bytes"]
    assert raw.count(b"/Subtype /Image") > 20, "the pictures of the tiles are not in it"


def test_without_a_browser_there_is_a_sentence_and_no_file(
    store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(ToolError, match="neither Chromium, Chrome nor Edge") as caught:
        write(store, Order(("rf1",), tmp_path / "rf1.pdf", "pdf"))  # type: ignore[arg-type]
    assert "--format html" in caught.value.suggestion
    monkeypatch.setenv(browser.VARIABLE, "/opt/no-such-browser")
    with pytest.raises(ToolError, match="names /opt/no-such-browser, which is no program"):
        write(store, Order(("rf1",), tmp_path / "rf1.pdf", "pdf"))  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("script", ["echo 'no display' >&2; exit 1", "exit 0", "sleep 5"])
def test_a_browser_that_does_not_print(store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = tmp_path / "browser"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv(browser.VARIABLE, str(program))
    monkeypatch.setattr(browser, "SECONDS", 0.5)
    out = tmp_path / "rf1.pdf"
    out.write_bytes(b"the one before")
    with pytest.raises(ToolError, match="did not print the report"):
        write(store, Order(("rf1",), out, "pdf"))  # type: ignore[arg-type]
    assert out.read_bytes() == b"the one before"


def test_the_browser_resolves_no_name(browser: "Browser") -> None:
    tab = browser.new_page()
    with pytest.raises(Exception, match="ERR_NAME_NOT_RESOLVED"):
        tab.goto("http://localhost:8080/")
    tab.close()


def test_root_s_browser_has_no_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert "--no-sandbox" in browser.options()
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert "--no-sandbox" not in browser.options()
