"""The notebook: kept without results, run on a folder and on a storage account."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from aerial_ops.analysis.report import Order, write
from aerial_ops.analysis.report import notebook as notebooks
from aerial_ops.errors import DataError
from aerial_ops.reporting import SILENT
from aerial_ops.runs.download import download_results
from tests.memory_store import MemoryStore


def outputs(document: dict[str, Any], kind: str) -> list[str]:
    shown = [output for cell in document["cells"] for output in cell.get("outputs", ())]
    return ["".join(one["data"][kind]) for one in shown if kind in one.get("data", {})]


def test_it_is_kept_without_results() -> None:
    kept = notebooks.notebook("a name", "")
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in kept["cells"])
    assert sum("NAME = 'a name'\n" in cell["source"] for cell in kept["cells"]) == 1


@pytest.fixture(scope="module")
def written(full_store: MemoryStore, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """What is told of a notebook from a storage account, and its file."""
    out = tmp_path_factory.mktemp("notebook") / "of rf1.ipynb"
    return write(full_store, Order(("rf1",), out, "ipynb")), out  # type: ignore[arg-type]


def test_from_an_account_it_is_run_on_a_folder_beside_it(written: tuple[dict[str, Any], Path]) -> None:
    told, out = written
    assert told["notes"] == []
    assert (out.parent / "of rf1-data" / "tile_summaries.csv").is_file()
    document = json.loads(out.read_text("utf-8"))
    assert all(output["output_type"] != "error" for cell in document["cells"] for output in cell.get("outputs", ()))
    tables = outputs(document, "text/html")
    assert any("<td>Herbaceous</td>" in table and "Precision" in table for table in tables)
    assert any("Corrected, ha" in table for table in tables) and any("Mean certainty" in table for table in tables)
    assert len(outputs(document, "image/png")) == 3
    assert f"{told['accuracy'] * 100:.1f} %" in str(document["cells"])


def test_its_results_say_nothing_of_this_machine(written: tuple[dict[str, Any], Path]) -> None:
    _, out = written
    assert str(Path.home()) not in out.read_text("utf-8") and str(out.parent) not in out.read_text("utf-8")


def test_a_cell_that_fails_is_a_sentence_and_leaves_no_file(full_store: MemoryStore, tmp_path: Path) -> None:
    folder = tmp_path / "results"
    download_results(full_store, "rf1", folder)  # type: ignore[arg-type]
    document = notebooks.notebook("rf1", str(folder))
    document["cells"][2]["source"] = ["raise RuntimeError('no such thing')"]
    with pytest.raises(DataError, match="could not be run: RuntimeError: no such thing"):
        notebooks.run(document, tmp_path)


def test_without_the_packages_it_is_written_as_it_is(
    full_store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nbclient", None)
    folder = tmp_path / "results"
    download_results(full_store, "rf1", folder)  # type: ignore[arg-type]
    raw, notes = notebooks.as_notebook(folder, "rf1", tmp_path / "rf1.ipynb", SILENT)
    assert notes == [notebooks.NOT_RUN] and json.loads(raw) == notebooks.notebook("rf1", str(folder))
