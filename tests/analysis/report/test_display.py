"""What a notebook shows, as it shows it and as text."""

from pathlib import Path

import numpy as np
import pytest

from aerial_ops.analysis.report import display
from aerial_ops.analysis.report.results import results_of
from aerial_ops.analysis.report.sources import ReportData, collect
from aerial_ops.runs.download import download_results
from aerial_ops.storage.blobs import BlobStore
from tests.analysis import synthetic
from tests.analysis.report import stores
from tests.memory_store import MemoryStore


def test_results_are_opened_from_the_account_of_the_settings_or_from_a_folder(
    store: MemoryStore, data: ReportData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(BlobStore, "of", lambda *_: store)
    download_results(store, "rf1", tmp_path / "rf1")  # type: ignore[arg-type]
    for found in (display.open_results("rf1"), display.open_results("rf1", "rf1")):
        assert found.metrics == data.metrics and found.county and len(found.county) == len(data.county or ())


def test_tables_hold_the_numbers(data: ReportData) -> None:
    assert data.metrics and data.county
    assert [row[0] for row in display.quality(data).rows] == list(data.metrics.classes)
    assert [row[1:] for row in display.confusion(data).rows] == [tuple(row) for row in data.metrics.confusion]
    assert [row[1:] for row in display.confusion(data, groups=True).rows] == [tuple(row) for row in data.metrics.groups.confusion]
    hectares = sum(float(row[2].replace(",", "")) for row in display.land(data).rows)
    assert hectares == pytest.approx(data.county.area.sum() / 1e4, abs=0.5)
    assert [row[0] for row in display.models(data).rows] == ["lr1", "deep", "rf1", "quick"]
    assert sum(row[1] for row in display.reliability(data).rows) == data.metrics.total
    assert {row[0] for row in display.areas(data).rows} >= set(data.county.classes)


def test_tables_are_shown_escaped_and_as_text() -> None:
    table = display.Table(("a", "<b>"), [(1, "<script>")])
    assert "&lt;script&gt;" in table._repr_html_() and "<script>" not in table._repr_html_()
    assert repr(table) == "a\t<b>\n1\t<script>"
    assert repr(display.Gallery(())) == display.Gallery(())._repr_html_() == "no pictures"


def test_pictures_are_the_map(data: ReportData) -> None:
    assert data.county
    picture = display.picture(data, "classes")
    assert picture is not None
    cells = np.asarray(picture)
    rows, cols = data.county.grid.shape
    step = cells.shape[1] // cols
    seen = cells[:: cells.shape[0] // rows, ::step]
    assert seen.shape[:2] == (rows, cols)
    assert (seen[data.county.grid.rows, data.county.grid.cols, 3] == 255).all() and (
        seen[..., 3] == 0
    ).sum() == rows * cols - len(data.county)
    forest = data.county.raw == data.county.classes.index("Forest")
    assert set(map(tuple, seen[data.county.grid.rows[forest], data.county.grid.cols[forest], :3].tolist())) == {
        (0x1F, 0x6B, 0x3A)
    }


def test_newly_developed_places_are_listed(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    new = stores.with_older_labels(store)
    monkeypatch.setattr(BlobStore, "of", lambda *_: store)
    data = display.open_results("rf1")
    assert sum(row[2] for row in display.development(data).rows) == len(new)
    told = display.summary(data)
    assert "newly developed since the older labels" in " ".join(told.split()) and max(map(len, told.splitlines())) <= 100


def test_without_a_test_set_or_a_map_there_are_empty_tables() -> None:
    store = MemoryStore()
    synthetic.score(store, "imported", 0, rows=5, cols=5, outline=False)
    del store.blobs["middlesexma2016", "tile_summaries.csv"]
    data = collect(results_of(store), "imported")  # type: ignore[arg-type]
    tables = (
        display.quality,
        display.confusion,
        display.models,
        display.land,
        display.areas,
        display.reliability,
        display.development,
    )
    assert all(len(table(data).rows) == 0 for table in tables)
    assert display.picture(data) is None and repr(display.mistakes(data)) == "no pictures"
