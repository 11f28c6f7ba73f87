"""Whole runs on the stage: what is told, what is kept, what is left."""

import json
from datetime import UTC, datetime, timedelta
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


MORE = """
[[train]]
name = "bad"
params = { numTrees = -1 }
"""


def with_training(folder: Path, text: str, head: str = "") -> None:
    file = folder / "trial.toml"
    file.write_text(head + file.read_text() + text)


def test_a_training_that_fails_among_several(stage: Stage, folder: Path) -> None:
    with_training(folder, MORE, "parallel = 3\n")
    stage.failing = {"bad"}
    out, err = stage.run(folder, "run", "trial.toml", "--yes", "--json", "--summary", "page.md", code=5)
    told = json.loads(out)
    assert told["best"] == "lr" and [run["name"] for run in told["runs"]] == ["rf", "lr", "lr"]
    assert list(told["failed"]) == ["bad"] and "numTrees must be positive" in told["failed"]["bad"]["message"]
    assert "1 of 3 trainings failed; the others went on." in err
    assert "bad: failed (exit code 5)" in (folder / "page.md").read_text()
    assert "The newest training of bad failed: numTrees must be positive." in (folder / told["report"]).read_text()
    assert [path.read_text() for path in (Path(told["folder"]) / "logs").iterdir()] == ["ERROR as told\n"]
    submitted = len(stage.submitted)
    stage.failing = set()
    out, err = stage.run(folder, "run", "trial.toml", "--resume", "--yes", "--json")
    assert [name.rsplit("-", 2)[0] for name in stage.submitted[submitted:]][:1] == ["bad-train"]
    assert json.loads(out)["failed"] == {} and len(json.loads(out)["runs"]) == 4


def test_when_every_training_fails_the_first_error_is_told(stage: Stage, folder: Path) -> None:
    stage.failing = {"rf", "lr"}
    out, err = stage.run(folder, "run", "trial.toml", "--yes", "--json", code=5)
    assert "rf-train" in json.loads(out)["error"]["message"]
    assert "Nothing that carries the environment's tag is left." in err
    assert not (folder / "out").exists()


def test_a_failed_runs_cluster_is_left_for_a_look_and_gone_on_with(stage: Stage, folder: Path) -> None:
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
    stage.failing = set()
    stage.run(folder, "run", "trial.toml", "--resume", "--yes")
    assert len(stage.made) == 1


def test_what_was_left_for_a_look_can_be_removed_at_once(stage: Stage, folder: Path) -> None:
    stage.failing = {"rf", "lr"}
    with_training(folder, "", 'keep_on_failure = "20m"\n')
    stage.run(folder, "run", "trial.toml", "--yes", code=4)
    assert len(stage.clusters) == 1
    stage.run(folder, "run", "trial.toml", "--remove", "--yes")
    assert not stage.clusters


def test_too_short_a_look_is_refused_before_anything_is_made(stage: Stage, folder: Path) -> None:
    _, err = stage.run(folder, "run", "trial.toml", "--yes", "--keep-on-failure", "5m", code=2)
    assert "needs 15 min" in err and not stage.made


@pytest.mark.parametrize("saves", [True, False], ids=["saves", "does not save"])
def test_the_cluster_is_scaled_for_the_county_only_if_that_saves(stage: Stage, folder: Path, saves: bool) -> None:
    with_training(folder, "[score]\nworkers = 1\n")
    figures = "aerial_ops.experiment.scaling.SCALE_SECONDS=0" if saves else ""
    _, err = stage.run(folder, "run", "trial.toml", "--yes", figures=figures)
    assert ("from 2 to 1 workers" if saves else "It would not save: about ") in err
    [journal] = (folder / ".aerial-ops/experiments/trial/journals").iterdir()
    assert ("scale the cluster" in journal.read_text()) is saves
