"""The runner is killed in each step of a run, and the run gone on with: each step is done once, and the result is the same."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.experiment.conftest import TRIAL, long
from tests.experiment.stage import Stage

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def wait_until(true: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    limit = time.monotonic() + 120
    while not true():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < limit
        time.sleep(0.005)


def entries(folder: Path) -> list[dict[str, Any]]:
    """All that the journals of the experiment's runs say."""
    paths = sorted((folder / ".aerial-ops/experiments/trial/runs").glob("*/journal.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]


def begun(folder: Path, step: str, times: int = 1) -> Callable[[], bool]:
    return lambda: sum(e["event"] == "begun" and e["what"].startswith(step) for e in entries(folder)) >= times


def kill(process: "subprocess.Popen[str]") -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def killed(stage: Stage, folder: Path, when: Callable[[], bool], *flags: str) -> None:
    """Run, or go on, until `when`; then kill -9."""
    process = stage.start(folder, "run", "trial.toml", "--yes", *flags)
    wait_until(when, process)
    kill(process)


def figures(told: dict[str, Any]) -> list[Any]:
    """What a result must be the same in."""
    runs = [(run["name"], run["kind"], run["metrics"], run["predicted"], run["counts"]) for run in told["runs"]]
    return [told["best"], told["failed"], runs]


def jobs(stage: Stage) -> list[str]:
    """The batches that were started, without time and chance."""
    return [name.rsplit("-", 2)[0] for name in stage.submitted]


@pytest.fixture(scope="module")
def undisturbed(shared_stage: Stage, images: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What a run reaches that nobody disturbs; it keeps its report and its bill, and leaves nothing."""
    stage, folder = shared_stage, tmp_path_factory.mktemp("undisturbed")
    (folder / "trial.toml").write_text(TRIAL)
    (folder / "images").symlink_to(images)
    stage.forget()
    out, _ = stage.run(folder, "run", "trial.toml", "--yes", "--json")
    told, kept = json.loads(out), Path(json.loads(out)["folder"])
    assert (stage.names(), len(stage.submitted), len(stage.made)) == ([], 3, 1)
    assert (folder / told["report"]).read_bytes() == (kept / "report.html").read_bytes()
    assert json.loads((kept / "bill.json").read_text())["left"] == 0
    assert "Classify the county with lr: done" in (kept / "log.txt").read_text()
    _, err = stage.run(folder, "run", "trial.toml", "--resume", "--yes", code=2)
    assert "the last one has ended" in err
    return figures(told)


def test_killed_in_every_step_and_gone_on_with(stage: Stage, folder: Path, undisturbed: list[Any]) -> None:
    held = {"rf", "lr", "score"}
    stage.hold = lambda spec: bool({spec["name"], spec["kind"]} & held)
    stage.cloud.fault("delay", method="PUT", path="/clusters/[^/]*$", args={"seconds": 3})
    killed(stage, folder, begun(folder, "Prepare the images"))
    killed(stage, folder, begun(folder, "sync the images"), "--resume")
    stage.cloud.control.delete("faults").raise_for_status()
    killed(stage, folder, lambda: len(stage.submitted) == 1, "--resume")
    held -= {"rf"}
    killed(stage, folder, lambda: len(stage.submitted) == 2, "--resume")
    held -= {"lr"}
    killed(stage, folder, lambda: len(stage.submitted) == 3, "--resume")
    held.clear()
    killed(stage, folder, begun(folder, "Write the report"), "--resume")
    killed(stage, folder, begun(folder, "Remove everything"), "--resume")
    out, err = stage.run(folder, "run", "trial.toml", "--resume", "--yes", "--json")
    assert figures(json.loads(out)) == undisturbed, err
    assert jobs(stage) == ["rf-train", "lr-train", f"{json.loads(out)['best']}-score"]
    assert len(stage.made) == 1
    assert stage.killed == []
    assert (folder / "out" / "trial" / "report.html").exists()


@long
def test_what_was_reached_in_a_removed_environment_is_not_paid_for_again(
    stage: Stage, folder: Path, undisturbed: list[Any]
) -> None:
    stage.hold = lambda spec: spec["kind"] == "score"
    process = stage.start(folder, "run", "trial.toml", "--yes")
    wait_until(lambda: len(stage.submitted) == 3, process)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "aerial-ops run trial.toml --resume" in err and "Nothing that carries the environment's tag is left." in err
    assert stage.names() == []
    stage.hold = lambda spec: False
    out, err = stage.run(folder, "run", "trial.toml", "--resume", "--yes", "--json")
    assert figures(json.loads(out)) == undisturbed
    assert jobs(stage) == ["rf-train", "lr-train", "lr-score", "lr-score"]
    assert "2 finished jobs were put back" in err


@long
def test_other_images_are_refused_and_other_trainings_are_done(stage: Stage, folder: Path) -> None:
    file = folder / "trial.toml"
    stage.hold = lambda spec: spec["name"] == "lr"
    killed(stage, folder, lambda: len(stage.submitted) == 2)
    stage.hold = lambda spec: False
    file.write_text(TRIAL.replace('"images"', '"pictures"'))
    _, err = stage.run(folder, "run", "trial.toml", "--resume", "--yes", code=2)
    assert "source.folder was 'images' and is 'pictures'" in err
    file.write_text(TRIAL.replace('"rf"', '"rf"\nparams = { numTrees = 7 }'))
    out, _ = stage.run(folder, "run", "trial.toml", "--resume", "--yes", "--json")
    assert jobs(stage) == ["rf-train", "lr-train", "rf-train", "lr-score"]
    assert json.loads(out)["runs"][0]["classifier"]["params"]["numTrees"] == 7
    assert len(stage.made) == 1


@long
def test_without_resume_a_killed_run_is_named_and_done_anew(stage: Stage, folder: Path) -> None:
    stage.hold = lambda spec: spec["name"] == "lr"
    killed(stage, folder, lambda: len(stage.submitted) == 2)
    stage.hold = lambda spec: False
    _, err = stage.run(folder, "run", "trial.toml", code=3)
    assert "was interrupted in step 'Train lr'" in err and "aerial-ops run trial.toml --resume" in err
    out, err = stage.run(folder, "run", "trial.toml", "--yes", "--json")
    assert "was interrupted in step 'Train lr'" in err
    assert jobs(stage).count("rf-train") == 2
    assert len(list(Path(json.loads(out)["folder"]).parent.iterdir())) == 2
