"""What Terraform says and remembers when the cloud, or the user, gets in the way."""

import os
import signal
import time
from collections.abc import Callable

import pytest

from aerial_ops.emulator.arm.control import SUBJECT
from tests.terraform.stack import Stack, moment

pytestmark = pytest.mark.slow

CLUSTER = "module.spark_cluster.azurerm_hdinsight_spark_cluster.this"
CLUSTER_ID = "/Microsoft.HDInsight/clusters/"


@pytest.fixture
def stack_with_data(stack: Stack) -> Stack:
    stack.apply("data")
    return stack


def wait_for_cluster(stack: Stack) -> None:
    limit = time.monotonic() + 60
    while not any(CLUSTER_ID in id for id in stack.left()):
        assert time.monotonic() < limit, "the cluster was not asked for"
        time.sleep(0.05)


def clean_up(stack: Stack) -> None:
    """One destroy of each layer leaves nothing."""
    stack.destroy("compute")
    stack.destroy("data")
    assert stack.left() == []


def test_a_refused_cluster_leaves_no_trace_and_a_second_try_works(stack_with_data: Stack) -> None:
    stack = stack_with_data
    stack.cloud.fault("quota")
    said = stack.apply("compute", status=1)
    assert "performing Create: unexpected status 400 (400 Bad Request)" in said
    assert stack.in_state("compute") == []
    stack.cloud.control.delete("faults").raise_for_status()
    stack.apply("compute")
    clean_up(stack)


def test_a_cluster_that_fails_is_remembered_replaced_and_removed(stack_with_data: Stack) -> None:
    stack = stack_with_data
    stack.cloud.fault("create-fails")
    said = stack.apply("compute", status=1)
    assert "polling after Create: polling failed" in said
    assert stack.in_state("compute") == [CLUSTER]
    assert "tainted" in stack.run("compute", "state", "show", "-no-color", CLUSTER)
    assert stack.changes("compute") == [(CLUSTER, ["delete", "create"])]
    stack.apply("compute")
    assert stack.changes("compute") == []
    stack.cloud.fault("create-fails", times=0)
    stack.run("compute", "apply", "-no-color", "-auto-approve", f"-replace={CLUSTER}", status=1)
    clean_up(stack)


def test_a_failed_cluster_is_forgotten_without_the_provider_feature(stack_with_data: Stack) -> None:
    stack = stack_with_data
    providers = stack.tree / "compute" / "providers.tf"
    providers.write_text(providers.read_text().replace("completion = true", "completion = false"))
    stack.cloud.fault("create-fails")
    stack.apply("compute", status=1)
    assert stack.in_state("compute") == []
    assert "already exists - to be managed via Terraform" in stack.apply("compute", status=1)
    assert "still contains Resources" in stack.destroy("data", status=1)


@pytest.mark.parametrize("kind", ["throttle", "error", "drop", "expired-token"])
def test_a_bad_moment_is_sat_out(stack_with_data: Stack, kind: str) -> None:
    stack = stack_with_data
    stack.cloud.fault(kind, method="PUT", path=CLUSTER_ID)
    stack.apply("compute")
    assert stack.changes("compute") == []


def test_an_answer_that_is_lost_leaves_a_cluster_that_terraform_does_not_know(stack_with_data: Stack) -> None:
    """As with the provider: the second PUT meets the cluster of the first. Only an inventory finds it."""
    stack = stack_with_data
    stack.cloud.fault("lose", method="PUT", path=CLUSTER_ID)
    assert "unexpected status 409" in stack.apply("compute", status=1)
    assert stack.in_state("compute") == []
    assert any(CLUSTER_ID in id for id in stack.left())
    assert "still contains Resources" in stack.destroy("data", status=1)


def test_a_restart_in_the_middle_is_sat_out(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack({"pace": 400.0}, one_provider=False)
    stack.apply("data")
    process = stack.start("compute", "apply", "-no-color", "-auto-approve")
    wait_for_cluster(stack)
    stack.cloud.down()
    stack.cloud.up()
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    clean_up(stack)


def test_one_interrupt_lets_the_create_finish(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack({"pace": 400.0}, one_provider=False)
    stack.apply("data")
    process = stack.start("compute", "apply", "-no-color", "-auto-approve")
    wait_for_cluster(stack)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to Terraform and to the provider
    said, _ = process.communicate(timeout=120)
    assert "Interrupt received" in said
    assert stack.in_state("compute") == [CLUSTER]
    clean_up(stack)


def test_a_killed_create_leaves_an_orphan_that_the_group_does_not_swallow(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack({"pace": 400.0}, one_provider=False)
    stack.apply("data")
    process = stack.start("compute", "apply", "-no-color", "-auto-approve")
    wait_for_cluster(stack)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)  # the provider notices that it is alone, and ends too
    said = stack.destroy("data", status=1)
    assert "still contains Resources" in said
    assert "aerial-ops-demo" in said


def test_somebody_elses_resource_keeps_the_group(stack_with_data: Stack) -> None:
    stack = stack_with_data
    foreign = stack.cloud.path("/providers/Microsoft.ManagedIdentity/userAssignedIdentities/theirs").replace(
        "/rg/", "/aerial-ops-demo/"
    )
    assert stack.cloud.call("PUT", foreign, "2024-11-30", {"location": "eastus"}).status_code in (200, 201)
    said = stack.destroy("data", status=1)
    assert "still contains Resources" in said
    assert "userAssignedIdentities/theirs" in said
    assert stack.in_state("data") == ["module.resource_group.azurerm_resource_group.this"]


def test_what_went_outside_of_terraform_is_noticed(stack_with_data: Stack) -> None:
    stack = stack_with_data
    link = next(id for id in stack.left() if "/jobSchedules/" in id)
    stack.cloud.control.post("remove", json={"id": link}).raise_for_status()
    assert stack.changes("data") == [("module.cost_guard.azurerm_automation_job_schedule.this", ["create"])]
    stack.apply("data")
    stack.cloud.control.post("remove", json={"id": stack.group()}).raise_for_status()
    assert len(stack.changes("data")) == 17
    stack.destroy("data")
    assert stack.in_state("data") == []


def test_a_replaced_runbook_takes_the_link_along(stack_with_data: Stack) -> None:
    stack = stack_with_data
    stack.run("data", "apply", "-no-color", "-auto-approve", "-replace=module.cost_guard.azurerm_automation_runbook.this")
    assert [id for id in stack.left() if "/jobSchedules/" in id]
    assert stack.changes("data") == []


def test_an_edited_runbook_leaves_the_link_alone(stack_with_data: Stack) -> None:
    stack = stack_with_data
    script = stack.tree / "modules" / "cost_guard" / "remove-environment.ps1"
    script.write_text(script.read_text() + "\n# edited\n")
    assert stack.changes("data") == [("module.cost_guard.azurerm_automation_runbook.this", ["update"])]
    stack.apply("data")
    assert stack.changes("data") == []


def test_a_passed_deadline_stops_an_apply_but_no_destroy(stack_with_data: Stack) -> None:
    stack = stack_with_data
    stack.data["deadline"] = moment(-1)
    assert "must be at least 10 minutes ahead" in stack.apply("data", status=1)
    stack.destroy("data")
    assert stack.left() == []


def test_a_wrong_secret_is_told(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack(ARM_CLIENT_SECRET="wrong")
    said = stack.apply("data", status=1)
    assert "unable to obtain access token" in said
    assert stack.left() == []


def test_a_ci_service_signs_in_without_a_secret(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack(ARM_CLIENT_SECRET="", one_provider=False)
    token = stack.cloud.control.get("id-token").json()["value"]
    name = str(stack.cloud.control.post("principals", json={"role": "Contributor"}).json()["client_id"])
    group = ("-target=module.resource_group", "-no-color", "-auto-approve")
    said = stack.run("data", "apply", *group, status=1, ARM_OIDC_TOKEN=token, ARM_CLIENT_ID=name)
    assert "unable to obtain access token" in said, "an application that nobody has told to trust the token"
    trusting = stack.cloud.control.post("principals", json={"role": "Contributor", "subjects": [SUBJECT]}).json()["client_id"]
    stack.run("data", "apply", *group, ARM_OIDC_TOKEN=token, ARM_CLIENT_ID=str(trusting))
    assert stack.in_state("data") == ["module.resource_group.azurerm_resource_group.this"]


def test_the_stand_in_never_talks_to_the_real_azure(make_stack: Callable[..., Stack]) -> None:
    said = make_stack(ARM_METADATA_HOSTNAME="").apply("data", status=1)
    assert "ARM_METADATA_HOSTNAME is not set" in said


def test_results_keep_terraforms_own_rules(make_stack: Callable[..., Stack]) -> None:
    """The provider asks Terraform to overlook inconsistent results; the stand-in does not need that."""
    stack = make_stack(AERIAL_OPS_AZURERM_STRICT="1")
    stack.apply("data")
    assert stack.changes("data") == []
    stack.apply("compute")
    assert stack.changes("compute") == []
    stack.compute["worker_count"] = 5
    stack.apply("compute")
    clean_up(stack)
