"""What is known to be wrong with an order is told before anything is made."""

from pathlib import Path
from typing import Any

import pytest

from aerial_ops.errors import UsageError
from aerial_ops.experiment.context import RunOrder
from aerial_ops.experiment.opening import refuse_place
from aerial_ops.experiment.plan import Experiment
from aerial_ops.experiment.run import remove_experiment, run_experiment
from aerial_ops.infrastructure.approval import allow
from aerial_ops.reporting import SILENT

PLAN = Experiment.model_validate({"name": "trial", "source": {"folder": "images"}, "train": [{"name": "rf"}]})
NOTHING: Any = None


def test_a_place_for_the_report_may_be_made_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_place(tmp_path / "out" / "trial")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.chdir(tmp_path)
    refuse_place(Path("out"))


def test_a_report_that_could_not_be_written_is_told_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is not a folder") as caught:
        run_experiment(PLAN, NOTHING, RunOrder(Path("trial.toml"), tmp_path / "file" / "trial"), allow, SILENT)
    assert "--out" in caught.value.suggestion
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(UsageError, match="may not be written to"):
        refuse_place(tmp_path / "out")


def test_to_go_on_and_to_remove_are_two_orders(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--remove .* --resume"):
        remove_experiment(PLAN, NOTHING, RunOrder(Path("trial.toml"), tmp_path, resume=True), allow, SILENT)
