"""The workflows: valid, thin, pinned, without stored secrets; and each `run:` step does its work, on the emulator."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from azure.mgmt.resource.resources import ResourceManagementClient

from aerial_ops.clouds.emulator import EmulatorCloud
from aerial_ops.infrastructure.durations import iso
from aerial_ops.settings import Settings
from tests.experiment.conftest import TRIAL
from tests.experiment.stage import Stage, write_images
from tests.infrastructure.town import Metropolis, clean_environment
from tests.workflows.runner import Cancellation, JobResult, Runner, load

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CI, EXPERIMENT, REAP = (ROOT / ".github" / "workflows" / f"{name}.yml" for name in ("ci", "experiment", "reap"))
RUN, REMOVE = "Run the experiment", "Remove whatever it has left"
TINY = """
name = "tiny"
[cluster]
workers = 2
ttl = "1h"
max_cost = 20
[source.sample]
train_per_class = 8
test_per_class = 4
county_rows = 4
county_columns = 5
[[train]]
name = "lr"
classifier = "logistic-regression"
"""


def steps_of(path: Path) -> list[dict[str, str]]:
    return [step for job in load(path)["jobs"].values() for step in job["steps"]]


def only_planned(script: str) -> str:
    """`make` says what it would do: the tests run no tests, and make no second virtual environment."""
    return re.sub(r"\bmake\b", "make -n", script)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
class TestEvery:
    def test_fits_githubs_schema(self, path: Path) -> None:
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout

    def test_is_thin(self, path: Path) -> None:
        """One make target or one command of the kit in each step."""
        for step in steps_of(path):
            if "run" in step:
                script = step["run"].replace("\\\n", " ").strip()
                assert re.fullmatch(r"make [a-z-]+|exec \.venv/bin/aerial-ops [^;|&\n]+", script), script

    def test_pins_every_action_and_names_its_version(self, path: Path) -> None:
        lines = [line for line in path.read_text().splitlines() if "uses:" in line]
        assert lines
        for line in lines:
            assert re.search(r"uses: [\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line

    def test_stores_no_secret_and_asks_for_little(self, path: Path) -> None:
        assert "secrets." not in path.read_text()
        permissions = load(path)["permissions"]
        assert permissions == {"contents": "read"} | ({"id-token": "write"} if path != CI else {})

    def test_puts_no_input_into_a_script(self, path: Path) -> None:
        """An input in a script is code; in a variable it is data."""
        assert not [step["run"] for step in steps_of(path) if "${{" in step.get("run", "")]

    def test_has_an_end(self, path: Path) -> None:
        assert all(job["timeout-minutes"] <= 355 for job in load(path)["jobs"].values())
        assert load(path)["concurrency"]["group"]


def test_an_action_has_the_same_version_everywhere() -> None:
    used = {step["uses"] for path in WORKFLOWS for step in steps_of(path) if "uses" in step}
    assert len(used) == len({one.partition("@")[0] for one in used})


def test_only_ci_is_cancelled_by_a_newer_run() -> None:
    assert [path.stem for path in WORKFLOWS if load(path)["concurrency"]["cancel-in-progress"]] == ["ci"]


@pytest.mark.parametrize("job", load(CI)["jobs"])
def test_the_jobs_of_ci_exist(job: str) -> None:
    done = Runner(ROOT, rewrite=only_planned).run(CI, job)
    assert done.result == "success", done.steps
    assert {"lint": "check-jsonschema", "modules": "test_modules", "test": "pytest -n"}[job] in done.steps[-1].said


def test_both_triggers_of_an_experiment_take_the_same(tmp_path: Path) -> None:
    on = load(EXPERIMENT)["on"]
    by_hand, called = on["workflow_dispatch"]["inputs"], on["workflow_call"]["inputs"]
    assert list(by_hand) == list(called) == ["experiment", "workers", "ttl", "max-cost", "cloud"]
    assert [one.get("default") for one in by_hand.values()][1:] == [one.get("default") for one in called.values()][1:]


def test_the_teardown_has_time_within_the_job() -> None:
    job = load(EXPERIMENT)["jobs"]["experiment"]
    run, remove = (next(step for step in job["steps"] if step.get("name") == name) for name in (RUN, REMOVE))
    assert remove["if"] == "always()"
    assert run["timeout-minutes"] + remove["timeout-minutes"] < job["timeout-minutes"]


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """What a step sees of the project; what a run makes lands beside it. Nothing of it may run afterwards."""
    for name in ("Makefile", "scripts", "terraform"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "tiny.toml").write_text(TINY)
    yield tmp_path
    for process in running_in(tmp_path):
        process.kill()


def running_in(folder: Path) -> list[psutil.Process]:
    """The programs whose command lines name the folder."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if any(str(folder) in part for part in process.info["cmdline"] or ()) and process.pid != os.getpid():
            found.append(process)
    return found


def runner(checkout: Path, **variables: str) -> Runner:
    return Runner(checkout, variables, clean_environment(), only_planned)


def on_emulator(checkout: Path, cancel: Cancellation | None = None, **inputs: str) -> JobResult:
    given = {"experiment": "experiments/tiny.toml", "cloud": "emulator", **inputs}
    return runner(checkout).run(EXPERIMENT, "experiment", cancel, "workflow_dispatch", **given)


def journal_says(checkout: Path, words: str) -> Callable[[], bool]:
    path = checkout / ".aerial-ops" / "experiments" / "tiny" / "environments" / "tiny" / "journal.jsonl"
    return lambda: path.exists() and words in path.read_text()


def assert_nothing_is_left(checkout: Path) -> None:
    home = checkout / ".aerial-ops" / "experiments" / "tiny"
    assert not (home / "emulator").exists()
    assert not (home / "environments" / "tiny").exists()
    assert [process.cmdline() for process in running_in(checkout)] == []


@pytest.mark.slow
def test_an_experiment_runs_from_up_to_down(checkout: Path) -> None:
    done = on_emulator(checkout)
    assert done.result == "success", [step.said[-3000:] for step in done.steps]
    assert re.search(r"Price: \d+\.\d\d \$/h .* \d+\.\d\d \$ at most, until ", done.summary)
    assert re.search(r"\| \*\*lr\*\* \(the best\) \| \d+\.\d% \|", done.summary)
    assert "20 tiles of the county were classified." in done.summary
    assert re.search(r"Removed: \d+ things, 0 left.* The cluster cost ", done.summary)
    assert "There was nothing to remove." in done.summary  # the step that always runs
    assert "report.html" in [file.name for file in done.artifacts]
    assert_nothing_is_left(checkout)


@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage(tmp_path_factory.mktemp("stage"))
    yield made
    made.close()


@pytest.mark.slow
def test_the_logs_of_a_failed_training_are_kept(checkout: Path, stage: Stage) -> None:
    write_images(checkout / "images")
    (checkout / "experiments" / "trial.toml").write_text(
        TRIAL.replace('"images"', '"../images"') + '[[train]]\nname = "bad"\nparams = { numTrees = -1 }\n'
    )
    (checkout / ".venv").unlink()
    program = checkout / ".venv" / "bin" / "aerial-ops"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m tests.experiment.on_stage "$@"\n')
    program.chmod(0o755)
    stage.failing = {"bad"}
    there = Runner(checkout, {}, stage.environment(), only_planned)
    done = there.run(
        EXPERIMENT, "experiment", None, "workflow_dispatch", experiment="experiments/trial.toml", cloud="emulator", workers="2"
    )
    assert done.result == "failure" and "bad: failed (exit code 5)" in done.summary
    kept = {file.name: file for file in done.artifacts}
    assert {"report.html", "log.txt", "journal.jsonl", "bill.json"} <= set(kept)
    [log] = [file for file in done.artifacts if file.parent.name == "logs"]
    assert log.name.startswith("bad-train-") and log.read_text() == "ERROR as told\n"
    assert not [file for file in done.artifacts if {"results", "environments"} & set(file.parts)]


@pytest.mark.slow
@pytest.mark.parametrize("patience", [0.5, 60.0], ids=["killed soon", "in time"])
def test_a_cancelled_experiment_leaves_nothing(checkout: Path, patience: float) -> None:
    cancel = Cancellation(RUN, journal_says(checkout, "make the cluster"), patience, patience)
    done = on_emulator(checkout, cancel, workers="3")
    assert done.result == "cancelled"
    assert done.step(RUN).result == "cancelled"
    assert done.step(REMOVE).result == "success", done.step(REMOVE).said
    assert "Price: " in done.summary
    if patience < 1:  # the step that always runs had to do it
        assert re.search(r"Removed: \d+ things, 0 left", done.summary)
    journals = "".join(path.read_text() for path in (checkout / ".aerial-ops/experiments/tiny/journals").glob("*.jsonl"))
    assert '"workers": 3' in journals
    assert_nothing_is_left(checkout)


@pytest.mark.slow
def test_a_refused_experiment_says_so_and_still_tears_down(checkout: Path) -> None:
    done = on_emulator(checkout, max_cost="0.05")
    assert done.result == "failure"
    assert "**Failed** (exit code 3)" in done.summary and "0.05 $" in done.summary
    assert done.step(REMOVE).result == "success"
    assert_nothing_is_left(checkout)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Metropolis]:
    made = Metropolis(tmp_path_factory.mktemp("city"))
    yield made
    made.close()


@pytest.mark.slow
def test_the_reaper_removes_what_is_past_its_deadline(city: Metropolis, checkout: Path) -> None:
    arm = EmulatorCloud(Settings(home=city.home)).arm()
    client = ResourceManagementClient(
        arm.credential, arm.subscription, base_url=arm.url, credential_scopes=[arm.scope], connection_verify=str(arm.trust)
    )
    for name, hours in (("old", -1), ("young", 1)):
        tags = {"aerial-ops:environment": name, "aerial-ops:expires-at": iso(datetime.now(UTC) + timedelta(hours=hours))}
        client.resource_groups.create_or_update(f"aerial-ops-{name}", {"location": "eastus", "tags": tags})
    there = runner(checkout, AZURE_CLIENT_ID="somebody", AERIAL_OPS_CLOUD="emulator")
    there.environ = {**there.environ, "AERIAL_OPS_HOME": str(city.home)}
    dry = there.run(REAP, "reap", trigger="workflow_dispatch", dry_run=True)
    assert dry.result == "success" and "Nothing was changed." in dry.steps[-1].said
    assert city.of("old") and city.of("young")
    done = there.run(REAP, "reap", trigger="schedule")
    assert done.result == "success", done.steps[-1].said
    assert not city.of("old") and city.of("young")


def test_the_reaper_waits_until_it_may_sign_in(checkout: Path) -> None:
    assert runner(checkout).run(REAP, "reap", trigger="schedule").result == "skipped"
