"""What breaks half-way on a real emulator: the command line killed, the storage away, a dead batch, a lost answer."""

import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from aerial_ops.clouds import cloud_of
from aerial_ops.emulator.arm.addresses import FOLDER
from aerial_ops.emulator.arm.machines import account_slots
from aerial_ops.jobs.livy import BatchRequest, LivyClient
from aerial_ops.settings import Settings

pytestmark = pytest.mark.slow
CLI = str(Path(sys.executable).parent / "aerial-ops")


class Place:
    """A folder with an environment on a running emulator that holds a small image set."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings(cloud="emulator", home=folder / ".aerial-ops")

    def command(self, *arguments: str) -> list[str]:
        return [CLI, "--home", str(self.settings.home), *arguments]

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.command(*arguments), cwd=self.folder, capture_output=True, text=True, check=check)

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json").stdout)

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*arguments), cwd=self.folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def job(self, stage: str) -> dict[str, Any]:
        """The running job, once it is in `stage`."""
        for _ in range(600):
            found = [job for job in self.json("jobs", "list") if job["state"] == "running" and job["stage"] == stage]
            if found:
                return dict(found[0])
            time.sleep(0.2)
        raise AssertionError(f"no job came to {stage}")

    def livy(self) -> LivyClient:
        return LivyClient.of(cloud_of(self.settings))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("faults"))
    try:
        place.run("up", "--workers", "2", "--ttl", "2h", "--yes")
        place.run("data", "sample", "images", "--train-per-class", "30", "--test-per-class", "8", "--county", "4x5")
        place.run("sync", "--source", "images")
        yield place
    finally:
        place.run("emulator", "stop", check=False)


def test_a_command_line_killed_during_a_job_goes_on_with_the_same_job(place: Place) -> None:
    first = place.begin("train", "--name", "killed")
    job = place.job("featurise")
    first.kill()
    first.communicate()
    record = place.json("train", "--name", "killed")
    assert record["run_id"] == job["run_id"]
    assert record["state"] == "succeeded"
    assert [batch.name for batch in place.livy().batches() if str(batch.name).startswith("killed-")] == [job["run_id"]]


def test_a_storage_that_is_away_for_ten_seconds_is_waited_for(place: Place) -> None:
    training = place.begin("train", "--name", "patient", "--json")
    place.job("featurise")
    [azurite] = account_slots(place.settings.home / "emulator" / FOLDER)
    process = azurite.process()
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    time.sleep(10)
    process.send_signal(signal.SIGCONT)
    out, errors = training.communicate(timeout=300)
    assert training.returncode == 0, errors
    assert json.loads(out)["counts"]["train"]["used"] == 180


def test_a_batch_that_dies_is_shown_and_leaves_no_model(place: Place) -> None:
    training = place.begin("train", "--name", "doomed")
    place.job("featurise")
    [driver] = [p for p in psutil.process_iter(["cmdline"]) if _is_driver(p, place.folder)]
    driver.kill()
    _, errors = training.communicate(timeout=120)
    assert training.returncode == 5, errors
    assert "ended in state dead" in errors
    assert place.run("score", "--name", "doomed", check=False).returncode == 2
    assert [run["state"] for run in place.json("runs", "list") if run["name"] == "doomed"] == ["failed"]


def _is_driver(process: psutil.Process, folder: Path) -> bool:
    line = " ".join(process.info["cmdline"] or [])
    return "SparkSubmit" in line and "doomed-train" in line


def test_control_c_leaves_the_job_running_and_it_can_be_killed(place: Place) -> None:
    training = place.begin("train", "--name", "watched")
    job = place.job("featurise")
    training.send_signal(signal.SIGINT)
    _, errors = training.communicate(timeout=30)
    assert training.returncode == 130
    assert f"aerial-ops jobs follow {job['run_id']}" in errors
    assert place.json("jobs", "kill", job["run_id"])["killed"]
    assert not place.json("jobs", "kill", job["run_id"])["killed"]
    assert "Traceback" not in errors


def test_a_lost_answer_to_a_submission_makes_no_second_batch(place: Place) -> None:
    class Losing(httpx.HTTPTransport):
        lost = 0

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = super().handle_request(request)
            if request.method == "POST" and not self.lost:
                self.lost += 1
                raise httpx.ReadError("the connection was cut")
            return answer

    livy = place.livy()
    trust = cloud_of(place.settings).trust()
    assert trust is not None
    transport = Losing(verify=ssl.create_default_context(cafile=str(trust)))
    livy._http._transport = transport
    livy._http._mounts = {}
    store = cloud_of(place.settings).storage()
    batch = livy.submit(BatchRequest(name=f"lost-{os.getpid()}", file=store.wasb_url("cluster", "jobs/none/main.py")))
    assert transport.lost == 1
    assert [one.id for one in livy.batches() if one.name == f"lost-{os.getpid()}"] == [batch.id]
    livy.kill(batch.id)
