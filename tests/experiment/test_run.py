"""Whole runs on the stage: what is told, what is kept, what is left."""

import json
from pathlib import Path

import pytest

from tests.experiment.stage import Stage

pytestmark = pytest.mark.slow


def test_from_nothing_to_nothing(stage: Stage, folder: Path) -> None:
    out, err = stage.run(folder, "run", "trial.toml", "--yes", "--json")
    told = json.loads(out)
    assert told["best"] in {"rf", "lr"} and told["failed"] == {}
    assert [run["kind"] for run in told["runs"]] == ["train", "train", "score"]
    assert len(stage.submitted) == 3 and len(stage.made) == 1
    run = Path(told["folder"])
    assert (folder / "out" / "trial" / "report.html").read_bytes() == (run / "report.html").read_bytes()
    assert json.loads((run / "bill.json").read_text())["left"] == 0
    _, err = stage.run(folder, "run", "trial.toml", "--resume", "--yes", code=2)
    assert "the last one has ended" in err
