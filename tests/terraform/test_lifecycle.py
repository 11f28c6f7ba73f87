"""The whole life of an environment, with real Terraform."""

from collections.abc import Callable

import pytest

from tests.terraform.stack import SCRIPT, SECRETS, Stack, moment

CLUSTER = "module.spark_cluster.azurerm_hdinsight_spark_cluster.this"
LINK = "module.cost_guard.azurerm_automation_job_schedule.this"


@pytest.mark.slow
def test_from_nothing_to_nothing(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack(one_provider=False)
    stack.run("data", "validate")
    stack.run("compute", "validate")
    assert len(stack.changes("data")) == 17
    stack.run("data", "apply", "-no-color", "plan")
    assert stack.changes("data") == []

    out = stack.outputs("data")
    assert out["resource_group_name"] == "aerial-ops-demo"
    assert out["blob_endpoint"] == f"https://stonedemo.blob.localhost:{stack.cloud.storage_port}/"
    assert sorted(out["container_urls"]) == sorted(
        ["cluster", "features", "middlesexma2016", "predictions", "pretrainedmodels", "runs", "test", "train", "trainedmodels"]
    )

    assert stack.changes("compute") == [(CLUSTER, ["create"])]
    stack.run("compute", "apply", "-no-color", "plan")
    assert stack.changes("compute") == []
    assert stack.outputs("compute")["livy_url"].endswith("/livy")
    resource = stack.cloud.arm.store.get(stack.group("/providers/Microsoft.HDInsight/clusters/aerial-ops-demo"))
    assert resource is not None
    assert resource.body["tags"]["aerial-ops:environment"] == "demo"
    assert resource.body["tags"]["aerial-ops:expires-at"] == stack.data["deadline"]

    stack.compute["worker_count"] = 7
    assert stack.changes("compute") == [(CLUSTER, ["update"])]
    stack.run("compute", "apply", "-no-color", "plan")
    assert stack.outputs("compute")["worker_count"] == 7
    assert stack.changes("compute") == []

    stack.data["deadline"] = moment(5)
    changed = stack.changes("data")
    assert {tuple(actions) for _, actions in changed} == {("update",)}
    assert LINK not in dict(changed)
    stack.run("data", "apply", "-no-color", "plan")
    assert stack.changes("data") == []
    assert stack.changes("compute") == [(CLUSTER, ["update"])]
    stack.run("compute", "apply", "-no-color", "plan")
    schedule = next(id for id in stack.left() if "/schedules/" in id)
    fires = stack.cloud.arm.store.get(schedule)
    assert fires is not None and fires.properties["startTime"][:16] == stack.data["deadline"][:16]

    # In what people see there is no secret; in the state there is.
    said = "".join(stack.said)
    for secret in (
        *SECRETS.values(),
        SCRIPT.partition("sig=")[2],
        out["storage_account_key"],
        stack.cloud.identity.client_secret,
    ):
        assert secret not in said
    assert SECRETS["gateway_password"] in (stack.tree / "compute" / "terraform.tfstate").read_text()

    stack.destroy("compute")
    assert stack.in_state("compute") == []
    assert not [id for id in stack.left() if "/Microsoft.HDInsight/" in id]
    stack.destroy("data")
    assert stack.left() == []


@pytest.mark.slow
def test_a_budget_in_cents_and_everything_that_can_be_chosen_differently(stack: Stack) -> None:
    stack.data |= {
        "budget_amount": 33.3,
        "budget_emails": ["ops@example.com"],
        "location": "westeurope",
        "resource_group_name": "mine",
        "run": "rf1-train-1",
        "tags": {"cost-centre": "42"},
    }
    stack.apply("data")
    assert stack.changes("data") == []
    key = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 ops"
    del stack.compute["ssh_password"]
    stack.compute |= {"ssh_public_keys": [key], "autoscale": {"min": 3, "max": 8}, "script_action_parameters": "/opt/python"}
    stack.apply("compute")
    assert stack.changes("compute") == []
    stack.compute |= {
        "autoscale": {"min": 3, "max": 9},
        "gateway_password": "Another-Passw0rd!",
        "script_action_uri": SCRIPT + "2",
    }
    assert stack.changes("compute") == [(CLUSTER, ["update"])]
    stack.run("compute", "apply", "-no-color", "plan")
    assert stack.changes("compute") == []
    stack.compute["autoscale"] = None
    stack.apply("compute")
    assert stack.changes("compute") == []
    stack.compute["worker_vm_size"] = "Standard_D13_V2"
    assert stack.changes("compute") == [(CLUSTER, ["delete", "create"])]
    stack.destroy("compute")
    stack.destroy("data")
    assert stack.left() == []


@pytest.mark.slow
def test_two_environments_side_by_side(make_stack: Callable[..., Stack]) -> None:
    one = make_stack()
    one.apply("data")
    two_data = {**one.data, "environment": "other", "storage_account_name": "stoneother"}
    first, one.data = one.data, two_data
    (one.tree / "data" / "terraform.tfstate").rename(one.tree / "first.tfstate")
    one.apply("data")
    groups = {id.split("/")[4] for id in one.left()}
    assert groups == {"aerial-ops-demo", "aerial-ops-other"}
    one.destroy("data")
    (one.tree / "first.tfstate").rename(one.tree / "data" / "terraform.tfstate")
    one.data = first
    assert one.changes("data") == []
    one.destroy("data")
    assert one.left() == []
