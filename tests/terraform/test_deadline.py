"""The dead man's switch as the modules make it, fired by the emulated cloud."""

import time
from typing import Any

import pytest

from tests.terraform.stack import Stack, moment

pytestmark = pytest.mark.slow


@pytest.fixture
def armed(stack: Stack) -> Stack:
    stack.apply("data")
    stack.apply("compute")
    return stack


def fire(stack: Stack) -> dict[str, Any]:
    """Let the deadline come; gives the properties of the runbook's job when it has ended."""
    stack.cloud.jump(6 * 3600)
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        jobs = stack.cloud.control.get("jobs").json()["jobs"]
        if jobs:
            assert len(jobs) == 1
            return dict(jobs[0]["properties"])
        time.sleep(0.1)
    raise AssertionError("the runbook did not end")


def gone(stack: Stack, part: str) -> bool:
    limit = time.monotonic() + 10
    while any(part in id for id in stack.left()) and time.monotonic() < limit:
        time.sleep(0.1)
    return not any(part in id for id in stack.left())


def test_it_removes_everything(armed: Stack) -> None:
    assert fire(armed)["status"] == "Completed"
    assert gone(armed, "/resourceGroups/")
    armed.destroy("compute")
    armed.destroy("data")


def test_it_keeps_the_data_when_told(armed: Stack) -> None:
    armed.data["keep_data"] = True
    link = "module.cost_guard.azurerm_automation_job_schedule.this"
    changes = dict(armed.changes("data"))
    assert changes.pop(link) == ["delete", "create"]
    assert {tuple(actions) for actions in changes.values()} == {("update",)}  # the tags that say so
    armed.run("data", "apply", "-no-color", "plan")
    assert fire(armed)["status"] == "Completed"
    assert gone(armed, "/Microsoft.HDInsight/")
    assert any("/storageAccounts/" in id for id in armed.left())


def test_it_never_removes_what_is_not_ours(armed: Stack) -> None:
    theirs = armed.group("/providers/Microsoft.ManagedIdentity/userAssignedIdentities/theirs")
    assert armed.cloud.call("PUT", theirs, "2024-11-30", {"location": "eastus"}).status_code in (200, 201)
    job = fire(armed)
    assert job["status"] == "Failed" and "theirs" in job["exception"]
    assert gone(armed, "/Microsoft.HDInsight/")
    assert any(id.endswith("/theirs") for id in armed.left())


def test_an_extension_moves_it(armed: Stack) -> None:
    armed.data["deadline"] = moment(9)
    armed.apply("data")
    armed.cloud.jump(6 * 3600)
    assert armed.cloud.control.get("jobs").json()["jobs"] == []
    assert any("/Microsoft.HDInsight/" in id for id in armed.left())
    assert fire(armed)["status"] == "Completed"
    assert gone(armed, "/resourceGroups/")


@pytest.mark.parametrize("foreign", [False, True])
def test_the_narrow_role_is_enough_and_sees_what_is_not_ours(stack: Stack, foreign: bool) -> None:
    stack.init("roles")
    stack.apply("roles")
    assert stack.changes("roles") == []
    stack.data["switch_role_name"] = "Aerial Ops Switch"
    stack.apply("data")
    stack.apply("compute")
    if foreign:
        theirs = stack.group("/providers/Microsoft.ManagedIdentity/userAssignedIdentities/theirs")
        stack.cloud.call("PUT", theirs, "2024-11-30", {"location": "eastus"}).raise_for_status()
    assert fire(stack)["status"] == ("Failed" if foreign else "Completed")
    assert gone(stack, "/Microsoft.HDInsight/")
    assert gone(stack, "/storageAccounts/") is not foreign
