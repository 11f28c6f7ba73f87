"""What a run does on a bad day: the user stops it, the disk is full, prices are away, the laptop slept past the deadline."""

import json
import signal
import time
from pathlib import Path

import pytest

from tests.experiment.conftest import long
from tests.experiment.stage import Stage
from tests.experiment.test_resume import begun, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


HELD = {"Train lr": ("lr", "train"), "Classify the county": ("lr", "score")}


@pytest.mark.parametrize(
    ("step", "number"),
    [
        pytest.param("Prepare the images", signal.SIGINT, marks=long),
        pytest.param("sync the images", signal.SIGTERM, marks=long),
        pytest.param("Train lr", signal.SIGINT),
        pytest.param("Classify the county", signal.SIGTERM, marks=long),
    ],
)
def test_stopped_in_a_step_it_removes_everything(stage: Stage, folder: Path, step: str, number: signal.Signals) -> None:
    stage.hold = lambda spec: (spec["name"], spec["kind"]) == HELD.get(step)
    stage.cloud.fault("delay", method="PUT", path="/clusters/[^/]*$", args={"seconds": 2})
    process = stage.start(folder, "run", "trial.toml", "--yes", "--json")
    wait_until(begun(folder, step), process)
    if step in HELD:
        known = len(stage.submitted), stage.polled
        wait_until(lambda: len(stage.submitted) > known[0] and stage.polled > known[1] + 1, process)
    process.send_signal(number)
    _, err = process.communicate(timeout=120)
    assert "Traceback" not in err
    assert process.returncode == 130, err
    if step != "Prepare the images":
        assert "Nothing that carries the environment's tag is left." in err and "--resume" in err
    if step in HELD:
        assert [name.rsplit("-", 2)[0] for name in stage.killed] == [f"lr-{HELD[step][1]}"]


SLOW = {"method": "DELETE", "path": "/clusters/[^/]*$", "args": {"seconds": 3}}


@long
def test_the_removal_outlives_one_signal(stage: Stage, folder: Path) -> None:
    stage.cloud.fault("delay", **SLOW)
    process = stage.start(folder, "run", "trial.toml", "--yes")
    wait_until(begun(folder, "Remove everything"), process)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0 and "Once more, and that stops too" in err, err


def test_two_signals_end_the_removal_and_it_tells_what_is_left(stage: Stage, folder: Path) -> None:
    stage.cloud.fault("delay", **SLOW)
    process = stage.start(folder, "run", "trial.toml", "--yes")
    wait_until(begun(folder, "Remove everything"), process)
    for number in (signal.SIGINT, signal.SIGTERM):
        process.send_signal(number)
        time.sleep(0.5)
    _, err = process.communicate(timeout=120)
    stage.run(folder, "run", "trial.toml", "--remove", "--yes")
    assert process.returncode == 4, err
    assert "Once more, and that stops too" in err
    # Between two steps what exists is listed; within one of Terraform's, what became of that one is told.
    assert "exists, and may cost money" in err or "What it had begun was finished" in err or "asked to stop" in err, err
    assert "Remove it: aerial-ops run trial.toml --remove" in err


def test_somebody_elses_environment_of_that_name_is_refused_and_stays(stage: Stage, folder: Path, tmp_path: Path) -> None:
    mine = stage.run(folder, "--env", "trial", "up", "--data-only", "--yes")
    assert mine
    there = stage.names()
    _, err = stage.run(folder, "run", "trial.toml", "--yes", code=3)
    assert "this machine has no state of it" in err
    assert stage.names() == there
    stage.run(folder, "--env", "trial", "down", "--yes")


def keep_prices(folder: Path) -> None:
    """As an earlier run has left them."""
    place = folder / ".aerial-ops/experiments/trial/prices"
    place.mkdir(parents=True)
    for size in ("Standard_D12_V2", "Standard_A2_V2"):
        kept = {"usd_per_hour": 0.5, "listed_on": "2026-11-01"}
        (place / f"eastus-{size}.json").write_text(json.dumps(kept))


@long
def test_a_full_disk_and_a_price_list_that_is_away(stage: Stage, folder: Path) -> None:
    keep_prices(folder)
    report = folder / "out" / "trial" / "report.html"
    report.parent.mkdir(parents=True)
    report.write_text("the report of last week")
    _, err = stage.run(folder, "run", "trial.toml", "--yes", code=1, faults="disk_full no_prices")
    assert "the prices are of 2026-11-01" in err
    assert "the disk is full" in err and "Nothing that carries the environment's tag is left." in err
    assert report.read_text() == "the report of last week"
    assert list(report.parent.iterdir()) == [report]
    out, err = stage.run(folder, "run", "trial.toml", "--resume", "--yes", "--json")
    assert "<html" in report.read_text()
    assert len(json.loads(out)["runs"]) == 3
    assert len(stage.made) == 1 and len(stage.submitted) == 3  # the report needs no cluster


def test_without_any_price_nothing_is_made_and_the_way_out_is_told(stage: Stage, folder: Path) -> None:
    _, err = stage.run(folder, "run", "trial.toml", "--yes", code=3, faults="no_prices")
    assert "--no-price" in err and not stage.made
    assert "Nothing was changed." in err and "removing" not in err and stage.names() == []
    assert "There is no run of trial to go on with" in stage.run(folder, "run", "trial.toml", "--resume", code=2)[1]


def test_a_quota_that_is_too_small_is_told_with_what_fits(stage: Stage, folder: Path) -> None:
    _, err = stage.run(folder, "run", "trial.toml", "--yes", "--workers", "500", code=3)
    assert "73 workers fit" in err and "--workers" in err and not stage.made
    assert list((folder / ".aerial-ops/experiments/trial").glob("environments/trial")) == []


@long
def test_asleep_past_the_deadline(stage: Stage, folder: Path) -> None:
    stage.hold = lambda spec: spec["name"] == "lr"
    process = stage.start(folder, "run", "trial.toml", "--yes", faults="impatient")
    wait_until(lambda: len(stage.submitted) == 2, process)
    stage.cloud.jump(3 * 3600)
    wait_until(lambda: not stage.clusters, process)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1, err
    assert "does not exist any more" in err and "Its deadline was" in err
    assert "--resume" in err and not (folder / "out").exists()


@long
def test_a_second_run_waits_or_refuses(stage: Stage, folder: Path) -> None:
    stage.hold = lambda spec: True
    first = stage.start(folder, "run", "trial.toml", "--yes")
    wait_until(lambda: len(stage.submitted) == 1, first)
    _, err = stage.run(folder, "run", "trial.toml", "--yes", "--if-busy", "refuse", code=3)
    assert "Another run of this experiment is at work" in err
    second = stage.start(folder, "run", "trial.toml", "--remove", "--yes")
    time.sleep(2)
    assert second.poll() is None
    stage.hold = lambda spec: False
    first.communicate(timeout=120)
    assert first.returncode == 0
    out, err = second.communicate(timeout=120)
    assert second.returncode == 0 and "waiting for its end" in err and "There is nothing of the environment trial." in out
