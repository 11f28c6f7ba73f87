"""Faults in the middle of a creation and of a removal, with Terraform and the provider as a user has them."""

import os
import signal
import time
from collections.abc import Callable

import psutil
import pytest

from aerial_ops.infrastructure.down import DownOrder, down
from aerial_ops.infrastructure.status import status
from aerial_ops.infrastructure.up import UpOrder, up
from tests.infrastructure.town import Metropolis, Town

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ASKS_HOW_FAR = ".*/Microsoft.HDInsight/.*operations.*/.*"


def cluster_of(name: str) -> str:
    """A pattern that fits the cluster of an environment."""
    return f".*/resourceGroups/aerial-ops-{name}/.*/Microsoft.HDInsight/clusters/[^/]*$"


REMOVAL_MOMENTS = {
    "when the cluster's removal has begun": {"method": "DELETE", "args": {"when": "after", "down": 1}},
    "while the cluster is going": {"method": "GET", "skip": 2, "args": {"when": "after", "down": 1}},
}


@pytest.mark.parametrize("moment", REMOVAL_MOMENTS.values(), ids=REMOVAL_MOMENTS)
def test_a_server_that_is_restarted_in_the_middle_of_a_removal_is_sat_out(
    metropolis: Metropolis, moment: dict[str, object]
) -> None:
    city, name = metropolis, f"gone{list(REMOVAL_MOMENTS.values()).index(moment)}"
    city.run("--env", name, "up", "--yes")
    city.fault("restart", path=cluster_of(name), **moment)
    process = city.start("--env", name, "down", "--yes")
    _, err = process.communicate(timeout=120)
    hit = [one for one in city.control.get("requests").json()["requests"] if one["fault"] == "restart" and name in one["path"]]
    assert len(hit) == 1
    assert process.returncode in (0, 4), err
    assert "Traceback" not in err
    city.run("--env", name, "down", "--yes")
    assert city.of(name) == []


def test_sign_ins_that_end_in_the_middle_are_renewed(make_town: Callable[..., Town]) -> None:
    """Clients renew a token 5 minutes before its end: after a second. A cluster takes 2 s here, and its removal 3 s."""
    town = make_town(pace=600.0, token_lifetime=301)
    site = town.site()

    def sign_ins(path: str) -> int:
        """How many tokens were asked for between the first and the last request to `path`."""
        requests = town.control.get("requests").json()["requests"]
        numbers = [one["number"] for one in requests if path in one["path"]]
        return sum(one["path"].endswith("/token") and numbers[0] < one["number"] < numbers[-1] for one in requests)

    up(site, UpOrder())
    assert sign_ins("/Microsoft.HDInsight/") >= 1
    assert status(site).cluster.state == "Running"  # type: ignore[union-attr]
    mark = town.control.get("requests").json()["requests"][-1]["number"]
    town.fault("delete-slow", args={"factor": 6})
    down(site, DownOrder(force=True))  # by the SDK, without Terraform
    after = town.control.get("requests", params={"since": mark}).json()["requests"]
    assert sum(one["path"].endswith("/token") for one in after) >= 1
    assert {one["status"] for one in after} & {401} == set()
    assert town.names() == []


CREATION_MOMENTS = {
    "before the order is answered": ("PUT", cluster_of("twice-in-cluster0")),
    "while the cluster is coming": ("GET", ASKS_HOW_FAR),
}


@pytest.mark.parametrize("moment", CREATION_MOMENTS.values(), ids=CREATION_MOMENTS)
def test_two_signals_in_the_middle_of_a_cluster_leave_nothing_that_one_down_does_not_find(
    metropolis: Metropolis, moment: tuple[str, str]
) -> None:
    """The provider is Terraform's own child, as a user has it."""
    city, name = metropolis, f"twice-in-cluster{list(CREATION_MOMENTS.values()).index(moment)}"
    method, path = moment
    city.fault("delay", method=method, path=path, args={"seconds": 5})
    process = city.start("--env", name, "up", "--yes", own_provider=True)
    limit = time.monotonic() + 120
    while not any("/Microsoft.HDInsight/" in item["id"] for item in city.of(name)):
        assert time.monotonic() < limit and process.poll() is None
        time.sleep(0.05)
    family = psutil.Process(process.pid).children(recursive=True)
    assert any("azurerm" in " ".join(child.cmdline()) for child in family)
    for _ in range(2):
        os.kill(process.pid, signal.SIGINT)
        time.sleep(0.5)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 4, err
    assert "Interrupted again" in err and "Traceback" not in err
    city.run("--env", name, "down", "--yes")
    assert city.of(name) == []
    _, alive = psutil.wait_procs(family, timeout=60)
    assert alive == []  # nothing of it works on
    city.no_faults()
    assert city.of(name) == []


@pytest.mark.parametrize("signals", [(signal.SIGTERM,), (signal.SIGINT, signal.SIGINT)], ids=["SIGTERM", "SIGINT twice"])
def test_a_removal_that_is_interrupted_is_done_by_the_next(metropolis: Metropolis, signals: tuple[signal.Signals, ...]) -> None:
    city, name = metropolis, f"halfgone{len(signals)}"
    city.run("--env", name, "up", "--yes")
    city.fault("delete-slow", path=cluster_of(name), args={"factor": 12})  # 4 s
    process = city.start("--env", name, "down", "--yes", own_provider=True)
    limit = time.monotonic() + 120
    while not any(item.get("properties", {}).get("clusterState") == "Deleting" for item in city.of(name)):
        assert time.monotonic() < limit and process.poll() is None
        time.sleep(0.05)
    family = psutil.Process(process.pid).children(recursive=True)
    for number in signals:
        os.kill(process.pid, number)
        time.sleep(0.3)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 4, err
    assert "nterrupted" in err and "aerial-ops down" in err and "Traceback" not in err
    assert any("/Microsoft.Storage/" in item["id"] for item in city.of(name))  # the data layer's turn had not come
    city.run("--env", name, "down", "--yes")
    assert city.of(name) == []
    assert psutil.wait_procs(family, timeout=60)[1] == []
