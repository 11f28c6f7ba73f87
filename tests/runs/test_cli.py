import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from aerial_ops.cli import app as application
from aerial_ops.runs.history import History
from aerial_ops.storage.blobs import BlobStore
from tests.memory_store import MemoryStore
from tests.runs.conftest import Maker


@pytest.fixture
def run(memory: MemoryStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setattr(BlobStore, "of", lambda *_: memory)
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(application.app, list(words), catch_exceptions=False)


def test_an_empty_history_says_what_to_do_and_is_empty_json(run: Any) -> None:
    plain = run("runs", "list")
    assert plain.stdout == "" and "aerial-ops train --name rf1" in plain.stderr
    assert json.loads(run("runs", "list", "--json").stdout) == []
    assert json.loads(run("runs", "compare", "--json").stdout) == {"best": None, "differences": {}, "runs": []}


def test_lists_tables_and_json(run: Any, history: History, record: Maker) -> None:
    history.save(record("rf1", right=7, minute=1, cost_usd=0.5))
    history.save(record("lr1", right=9, minute=2))
    lines = run("runs", "list").stdout.splitlines()
    assert lines[0].split()[:3] == ["Run", "Kind", "State"] and lines[1].startswith("lr1-train-002") and "85.0 %" in lines[2]
    assert [one["name"] for one in json.loads(run("runs", "list", "--json", "--limit", "1").stdout)] == ["lr1"]
    assert "No run fits" in run("runs", "list", "--name", "x").stderr


def test_the_newest_fifty_are_listed_unless_all_are_wanted(run: Any, history: History, record: Maker) -> None:
    for minute in range(51):
        history.save(record(f"rf{minute}", minute=minute))
    short, whole = run("runs", "list", "--json"), run("runs", "list", "--json", "--all")
    assert [one["name"] for one in json.loads(short.stdout)] == [f"rf{minute}" for minute in range(50, 0, -1)]
    assert "The newest 50; there are more: aerial-ops runs list --all" in short.stderr
    assert len(json.loads(whole.stdout)) == 51 and whole.stderr == ""
    exact = run("runs", "list", "--json", "--limit", "51")
    assert len(json.loads(exact.stdout)) == 51 and exact.stderr == ""


def test_show_tells_what_memory_a_run_took(run: Any, history: History, record: Maker) -> None:
    history.save(record("rf1", memory={"worker_peak_bytes": 248_143_872, "driver_peak_bytes": 1_180_355_072}))
    history.save(record("lr1", memory={"worker_peak_bytes": 0}))
    shown = " ".join(run("runs", "show", "rf1").stdout.split())
    assert "peak memory 248 MB in a worker process, 1,180 MB in the driver" in shown
    assert "peak memory" not in run("runs", "show", "lr1").stdout


def test_show_compare_and_best(run: Any, history: History, record: Maker) -> None:
    history.save(record("rf1", right=7, minute=1))
    history.save(record("lr1", right=9, minute=2, sample={"fraction": 0.5, "seed": 0}))
    assert "95 % interval" in run("runs", "show", "lr1").stdout
    assert json.loads(run("runs", "show", "rf1-train-001", "--json").stdout)["metrics"]["accuracy"] == 0.85
    compared = run("runs", "compare").stdout
    assert "best" in compared and "sample fraction" in compared
    assert json.loads(run("runs", "compare", "rf1", "--json").stdout)["runs"][0]["run_id"] == "rf1-train-001"
    assert run("runs", "best", "--metric", "kappa").stdout.splitlines()[1].startswith("lr1-train-002")


def test_report_writes_to_the_home_folder_and_tells_where(run: Any, history: History, record: Maker, tmp_path: Path) -> None:
    history.save(record("rf1"))
    told = json.loads(run("report", "rf1", "--json").stdout)
    assert Path(told["path"]).read_text("utf-8").startswith("<!doctype html>")
    assert told["accuracy"] == 0.95 and told["path"].endswith("reports/rf1.html")
    plain = run("report", "rf1", "--out", "deep/er/x.html")
    assert "deep/er/x.html" in plain.stdout and (tmp_path / "deep" / "er" / "x.html").exists()
