"""Signals in the middle of the commands. SCHEDULES=20 kills `up` and `down` at 20 moments each; without it a few do."""

import json
import os
import signal
import time

import pytest

from tests.infrastructure.schedules import run_schedules
from tests.infrastructure.town import Metropolis

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

SCHEDULES = int(os.environ.get("SCHEDULES", "3"))
SEED = int(os.environ.get("SEED", "4"))


def test_killed_at_any_moment_one_down_leaves_nothing(metropolis: Metropolis, capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = run_schedules(metropolis, SCHEDULES, SEED)
    with capsys.disabled():
        print(f"\n{len(outcomes)} schedules (seed {SEED}):")
        for outcome in outcomes:
            print(outcome)
        print(f"{sum(not outcome.left for outcome in outcomes)} of {len(outcomes)} left nothing.")
    for outcome in outcomes:
        assert outcome.left == [], outcome.said
        assert outcome.code == 0, outcome.said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_in_good_order(metropolis: Metropolis, number: signal.Signals) -> None:
    city, name = metropolis, f"signal{number}"
    process = city.start("--env", name, "up", "--yes", "--json")
    wait_for(city, name, "/Microsoft.Storage/")
    os.kill(process.pid, number)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 4, err
    assert "aerial-ops down" in err
    assert "nterrupted" in json.loads(out)["error"]["message"]
    assert "Traceback" not in err
    city.run("--env", name, "down", "--yes")
    assert city.of(name) == []


def test_two_signals_stop_at_once_and_down_finds_the_rest(metropolis: Metropolis) -> None:
    city, name = metropolis, "twice"
    slow_account(city, name)
    process = city.start("--env", name, "up", "--yes")
    wait_for(city, name, "/Microsoft.Automation/")
    os.kill(process.pid, signal.SIGINT)
    time.sleep(0.5)
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 4, err
    assert "Interrupted again" in err
    city.run("--env", name, "down", "--yes")
    assert city.of(name) == []


def test_a_second_command_is_refused(metropolis: Metropolis) -> None:
    city, name = metropolis, "busy"
    slow_account(city, name)
    process = city.start("--env", name, "up", "--yes", "--data-only")
    wait_for(city, name, "/resourceGroups/")
    _, err = city.run("--env", name, "down", "--yes", code=3)
    assert "Another command is at work" in err
    process.communicate(timeout=120)
    assert process.returncode == 0
    city.run("--env", name, "down", "--yes")


def test_a_server_that_is_restarted_in_the_middle_is_sat_out(metropolis: Metropolis) -> None:
    city, name = metropolis, "restarted"
    cluster = ".*/resourceGroups/aerial-ops-restarted/.*/Microsoft.HDInsight/clusters/[^/]*$"
    city.fault("restart", method="PUT", path=cluster, args={"when": "after", "down": 1})
    process = city.start("--env", name, "up", "--yes")
    _, err = process.communicate(timeout=120)
    assert process.returncode in (0, 4), err
    city.no_faults()
    city.run("--env", name, "down", "--yes")
    assert city.of(name) == []


def slow_account(city: Metropolis, name: str) -> None:
    """The environment's storage account takes some seconds."""
    path = f".*/resourceGroups/aerial-ops-{name}/providers/Microsoft.Storage/storageAccounts/[^/]*$"
    city.fault("delay", method="PUT", path=path, args={"seconds": 6})


def wait_for(city: Metropolis, name: str, kind: str) -> None:
    limit = time.monotonic() + 60
    while not any(kind in item["id"] for item in city.of(name)):
        assert time.monotonic() < limit, f"no {kind} was made"
        time.sleep(0.02)
