"""The command line as a user uses it, from an empty folder to a report, against a real emulator."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .golden import check

HERE = Path(__file__).parent
CLI = str(Path(sys.executable).parent / "aerial-ops")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An empty folder whose name has a blank; what was started in it is stopped afterwards."""
    place = tmp_path / "my project"
    place.mkdir()
    yield place
    subprocess.run([CLI, "emulator", "stop"], cwd=place, capture_output=True, check=True)


@pytest.mark.slow
def test_sync_train_twice_compare_score_report(folder: Path) -> None:
    check(HERE / "lifecycle.golden", folder, ((r"(?<=Seconds  ).*", "<SECONDS>"), (r"(?<=Predicted  ).*", "<COUNTS>")))
    report = next(folder.glob(".aerial-ops/reports/*.html"))
    page = report.read_text()
    assert "<canvas" in page
    predictions = list(csv.DictReader(io.StringIO((folder / "results" / "lr1_predictions_o16n.csv").read_text())))
    assert len(predictions) == 48
    assert set(predictions[0]) == {"filepath", "pred_label"}
    runs = json.loads((folder / "runs.json").read_text())
    accuracies = {run["name"]: run["metrics"]["accuracy"] for run in runs if run["kind"] == "train" and run["metrics"]}
    assert set(accuracies) == {"rf1", "lr1"}
    assert all(0.5 < accuracy <= 1 for accuracy in accuracies.values())
