"""The whole life of an environment, with real Terraform."""

from collections.abc import Callable

import pytest

from tests.terraform.stack import Stack, moment

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

    stack.destroy("compute")
    assert stack.in_state("compute") == []
    assert not [id for id in stack.left() if "/Microsoft.HDInsight/" in id]
    stack.destroy("data")
    assert stack.left() == []
