import json
import logging
import time
from pathlib import Path

import pytest

from spark_jobs.errors import StorageError
from spark_jobs.folders import FolderStore
from spark_jobs.progress import Progress


def wait_for(path: Path, stage: str) -> dict[str, object]:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if path.exists() and json.loads(path.read_text())["stage"] == stage:
            return dict(json.loads(path.read_text()))
        time.sleep(0.01)
    raise AssertionError(f"{path} never showed {stage}")


def test_the_file_follows_the_stages(tmp_path: Path) -> None:
    with Progress(FolderStore(tmp_path), "r1/progress.json", interval=0.01) as progress:
        file = tmp_path / "runs/r1/progress.json"
        with progress.stage("featurise", 90, lambda: 120):
            state = wait_for(file, "featurise")
            assert (state["done"], state["total"], state["timings"]) == (90, 90, {})
        with progress.stage("fit"):
            state = wait_for(file, "fit")
            assert state["total"] == 0
            assert list(state["timings"]) == ["featurise"]  # type: ignore[call-overload]
    assert list(progress.timings) == ["featurise", "fit"]


def test_a_failed_stage_is_timed_too(tmp_path: Path) -> None:
    progress = Progress(FolderStore(tmp_path), "r1/progress.json")
    with pytest.raises(ValueError, match="x"), progress.stage("fit"):
        raise ValueError("x")
    assert "fit" in progress.timings


def test_a_store_that_is_away_costs_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Away(FolderStore):
        def put(self, container: str, name: str, data: bytes, content_type: str = "") -> None:
            raise StorageError("away")

    with caplog.at_level(logging.WARNING), Progress(Away(tmp_path), "p", interval=0.01) as progress, progress.stage("fit"):
        time.sleep(0.05)
    assert "progress was not written: away" in caplog.text
