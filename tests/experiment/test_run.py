"""Whole runs on the stage: what is told, what is kept, what is left."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.experiment.conftest import long
from tests.experiment.stage import Stage
from tests.experiment.test_resume import wait_until

pytestmark = pytest.mark.slow


MORE = """
[[train]]
name = "bad"
params = { numTrees = -1 }
"""


def with_training(folder: Path, text: str, head: str = "") -> None:
    file = folder / "trial.toml"
    file.write_text(head + file.read_text() + text)


def test_a_training_that_fails_among_several(stage: Stage, folder: Path) -> None:
    with_training(folder, MORE, "parallel = 3\ncache = false\n")
    stage.failing = {"bad"}
    orders: list[dict[str, Any]] = []
    stage.hold = lambda spec: orders.append(spec) is not None
    stage.cloud.fault("expired-token", path="/clusters/", skip=2)
    out, err = stage.run(folder, "run", "trial.toml", "--yes", "--json", "--summary", "page.md", code=5)
    told = json.loads(out)
    assert told["best"] == "lr" and [run["name"] for run in told["runs"]] == ["rf", "lr", "lr"]
    assert list(told["failed"]) == ["bad"] and "numTrees must be positive" in told["failed"]["bad"]["message"]
    assert "1 of 3 trainings failed; the others went on." in err
    assert "bad: failed (exit code 5)" in (folder / "page.md").read_text()
    assert "The newest training of bad failed: numTrees must be positive." in (folder / told["report"]).read_text()
    assert [(order["cache"], order["engine"]) for order in orders] == [(False, "onnxruntime")] * 4
    assert [path.read_text() for path in (Path(told["folder"]) / "logs").iterdir()] == ["ERROR as told\n"]


@long
def test_only_what_has_failed_is_trained_again(stage: Stage, folder: Path) -> None:
    with_training(folder, MORE)
    stage.failing = {"bad"}
    stage.run(folder, "run", "trial.toml", "--yes", code=5)
    submitted = len(stage.submitted)
    stage.failing = set()
    out, _ = stage.run(folder, "run", "trial.toml", "--resume", "--yes", "--json")
    assert [name.rsplit("-", 2)[0] for name in stage.submitted[submitted:]][:1] == ["bad-train"]
    assert json.loads(out)["failed"] == {} and len(json.loads(out)["runs"]) == 4


@long
def test_when_every_training_fails_the_first_error_is_told(stage: Stage, folder: Path) -> None:
    stage.failing = {"rf", "lr"}
    out, err = stage.run(folder, "run", "trial.toml", "--yes", "--json", code=5)
    assert "rf-train" in json.loads(out)["error"]["message"]
    assert "Nothing that carries the environment's tag is left." in err
    assert not (folder / "out").exists()


def test_a_failed_runs_cluster_is_left_for_a_look(stage: Stage, folder: Path) -> None:
    stage.failing = {"rf", "lr"}
    out, _ = stage.run(folder, "run", "trial.toml", "--yes", "--json", "--keep-on-failure", "30m", code=4)
    told = json.loads(out)["error"]
    assert "numTrees must be positive" in told["message"] and "costs 4.16 $ an hour" in told["left"]
    left = datetime.fromisoformat(told["data"]["deadline"]) - datetime.now(UTC)
    assert timedelta(minutes=25) < left <= timedelta(minutes=30)
    assert stage.deadlines() == {told["data"]["deadline"]}  # in the tags of the group and of the cluster, and of the switch
    look = next(line for line in told["suggestion"].splitlines() if "jobs list" in line)
    assert stage.run(folder, *look.partition("aerial-ops ")[2].split(), "--json")[0]
    assert "aerial-ops run trial.toml --remove" in told["suggestion"]
    stage.run(folder, "run", "trial.toml", "--remove", "--yes")
    assert not stage.clusters


@long
def test_what_was_left_for_a_look_is_gone_on_with_under_its_old_deadline(stage: Stage, folder: Path) -> None:
    stage.failing = {"rf", "lr"}
    with_training(folder, "", 'keep_on_failure = "20m"\n')
    stage.run(folder, "run", "trial.toml", "--yes", code=4)
    short = stage.deadlines()
    stage.failing, stage.hold = set(), lambda spec: spec["kind"] == "score"
    process = stage.start(folder, "run", "trial.toml", "--resume", "--yes")
    wait_until(lambda: any("score" in name for name in stage.submitted), process)
    [deadline] = stage.deadlines()
    assert datetime.fromisoformat(deadline) - datetime.fromisoformat(short.pop()) > timedelta(minutes=90)
    stage.hold = lambda spec: False
    process.communicate(timeout=120)
    assert (process.returncode, len(stage.made)) == (0, 1)


def test_too_short_a_look_is_refused_before_anything_is_made(stage: Stage, folder: Path) -> None:
    _, err = stage.run(folder, "run", "trial.toml", "--yes", "--keep-on-failure", "5m", code=2)
    assert "needs 15 min" in err and not stage.made


@long
@pytest.mark.parametrize("saves", [True, False], ids=["saves", "does not save"])
def test_the_cluster_is_scaled_for_the_county_only_if_that_saves(stage: Stage, folder: Path, saves: bool) -> None:
    with_training(folder, "[score]\nworkers = 1\n")
    figures = "aerial_ops.experiment.scaling.SCALE_SECONDS=0" if saves else ""
    _, err = stage.run(folder, "run", "trial.toml", "--yes", figures=figures)
    assert ("from 2 to 1 workers" if saves else "It would not save: about ") in err
    [journal] = (folder / ".aerial-ops/experiments/trial/journals").iterdir()
    assert ("scale the cluster" in journal.read_text()) is saves
