import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aerial_ops.cli import app as application
from aerial_ops.storage.blobs import BlobStore
from tests.analysis import synthetic
from tests.memory_store import MemoryStore


def test_files_are_written_into_a_folder_of_the_models_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    memory = MemoryStore()
    synthetic.score(memory, "rf1", 5, rows=8, cols=9)
    monkeypatch.setattr(BlobStore, "of", lambda *_: memory)
    monkeypatch.chdir(tmp_path)
    run = lambda *words: CliRunner().invoke(application.app, ["export", *words], catch_exceptions=False)  # noqa: E731
    plain = run("rf1", "--format", "csv")
    assert (
        plain.stdout.splitlines() == ["rf1/rf1_tiles.csv", "rf1/rf1_land.csv"] and (tmp_path / "rf1" / "rf1_tiles.csv").is_file()
    )
    told = json.loads(run("rf1", "--format", "csv", "--out", "else where", "--json").stdout)
    assert told["files"][0] == "else where/rf1_tiles.csv" and told["maps"][0]["run"].startswith("rf1-score-")
    assert run("rf1", "--format", "shapefile").exit_code == 2
