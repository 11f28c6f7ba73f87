import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from aerial_ops.cli import app as application
from aerial_ops.cli import session
from aerial_ops.errors import UsageError
from aerial_ops.runs.download import download_results
from aerial_ops.storage.blobs import BlobStore
from tests.memory_store import MemoryStore


def run(*words: str) -> Result:
    return CliRunner().invoke(application.app, ["report", *words], catch_exceptions=False)


def test_from_a_folder_no_cloud_is_asked(full_store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    download_results(full_store, "rf1", tmp_path / "rf1")  # type: ignore[arg-type]
    monkeypatch.chdir(tmp_path)
    monkeypatch.delattr(session, "cloud_of")
    plain = run("rf1", "--from", "rf1", "--out", "here/rf1.json")
    assert plain.stdout == "The report is in here/rf1.json\n"
    assert json.loads(Path("here/rf1.json").read_text("utf-8"))["name"] == "rf1"
    told = json.loads(run("rf1", "--from", "rf1", "--json").stdout)
    assert (told["format"], told["path"]) == ("html", ".aerial-ops/reports/rf1.html") and Path(told["path"]).is_file()


def test_two_models_of_an_account(full_store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(BlobStore, "of", lambda *_: full_store)
    told = json.loads(run("--compare", "lr1", "deep", "--json").stdout)
    assert told["names"] == ["lr1", "deep"] and Path(".aerial-ops/reports/lr1-and-deep.html").is_file()
    with pytest.raises(UsageError, match="one model, or it compares two"):
        run("rf1", "--compare", "lr1", "deep")
    assert run("rf1", "--format", "docx").exit_code == 2
