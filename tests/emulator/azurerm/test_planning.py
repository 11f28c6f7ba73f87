"""Plans without Terraform: defaults, notations, replacement, checks."""

import copy
from typing import Any

import pytest

from aerial_ops.emulator.azurerm import schema
from aerial_ops.emulator.azurerm.planning import plan_change, problems
from aerial_ops.emulator.azurerm.resources import RESOURCES
from aerial_ops.emulator.azurerm.values import complete, dotted, has_unknown, quieted, settle
from aerial_ops.emulator.azurerm.wire import UNKNOWN, Unknown


def block(name: str) -> schema.Block:
    return schema.load().resources[name].block


def planned(
    name: str, config: dict[str, Any], prior: dict[str, Any] | None = None, *, legacy: bool = True
) -> tuple[Any, list[str]]:
    proposed = complete(block(name), config)
    if prior is not None:  # as Terraform proposes: what the cloud decided stays
        for key, attribute in block(name).attributes.items():
            if proposed[key] is None and attribute.computed:
                proposed[key] = prior[key]
    made, replaced = plan_change(RESOURCES[name], block(name), proposed, prior, legacy=legacy)
    return made, [dotted(path) for path in replaced]


def node(**more: Any) -> list[dict[str, Any]]:
    return [{"vm_size": "Standard_D12_V2", "username": "sshuser", "password": "x", **more}]


def script(uri: str) -> dict[str, str]:
    return {"name": "install", "uri": uri, "parameters": ""}


CLUSTER = {
    "name": "spark",
    "resource_group_name": "rg",
    "location": "eastus",
    "cluster_version": "5.1",
    "tier": "Standard",
    "tls_min_version": "1.2",
    "component_version": [{"spark": "3.3"}],
    "gateway": [{"username": "admin", "password": "y"}],
    "storage_account": [{"is_default": True, "storage_account_key": "k", "storage_container_url": "https://a.blob.b/c"}],
    "roles": [
        {
            "head_node": node(script_actions=[script("https://a/b")]),
            "worker_node": node(target_instance_count=4),
            "zookeeper_node": node(),
        }
    ],
}
NAME = "azurerm_hdinsight_spark_cluster"


def changed_cluster(**steps: Any) -> tuple[Any, list[str]]:
    prior = settle(block(NAME), planned(NAME, CLUSTER)[0])
    config = copy.deepcopy(CLUSTER)
    for path, value in steps.items():
        target: Any = config
        *above, last = path.split("__")
        for step in above:
            target = target[step][0]
        target[last] = value
    return planned(NAME, config, prior)


def test_what_the_cloud_decides_is_unknown_in_a_new_resource_only() -> None:
    new, _ = planned(NAME, CLUSTER)
    assert isinstance(new["https_endpoint"], Unknown) and isinstance(new["id"], Unknown)
    assert new["encryption_in_transit_enabled"] is False
    again, replaced = changed_cluster()
    assert not has_unknown(again) and replaced == []


@pytest.mark.parametrize(
    ("path", "value", "replaced"),
    [
        ("tags", {"a": "b"}, []),
        ("roles__worker_node__target_instance_count", 7, []),
        ("roles__worker_node__autoscale", [{"capacity": [{"min_instance_count": 3, "max_instance_count": 9}]}], []),
        ("gateway__password", "z", []),
        ("gateway__username", "root", ["gateway.username"]),
        ("roles__head_node__password", "z", ["roles.head_node.password"]),
        ("roles__worker_node__vm_size", "Standard_E8_V3", ["roles.worker_node.vm_size"]),
        ("roles__worker_node__script_actions", [script("https://a/b")], ["roles.worker_node.script_actions"]),
        ("roles__head_node__script_actions", [script("https://other")], []),
        ("storage_account__storage_account_key", "other", ["storage_account.storage_account_key"]),
        ("location", "westus", ["location"]),
        ("location", "East US", []),
        ("cluster_version", "5.1.3000.1", []),
        ("cluster_version", "5.0", ["cluster_version"]),
        ("timeouts", {"create": "2h", "read": None, "update": None, "delete": None}, []),
    ],
)
def test_what_replaces_a_cluster(path: str, value: Any, replaced: list[str]) -> None:
    assert changed_cluster(**{path: value})[1] == replaced


def test_without_the_legacy_rules_no_default_is_filled_in() -> None:
    config = {"name": "a", "storage_account_id": "/x"}
    assert planned("azurerm_storage_container", config)[0]["container_access_type"] == "private"
    assert planned("azurerm_storage_container", config, legacy=False)[0]["container_access_type"] is None


def test_a_moment_is_compared_to_the_minute_and_in_any_zone() -> None:
    name = "azurerm_automation_schedule"
    config = {"name": "deadline", "resource_group_name": "rg", "automation_account_name": "aa", "frequency": "OneTime"}
    prior = settle(block(name), planned(name, {**config, "start_time": "2030-01-01T10:00:30Z"})[0])
    same, _ = planned(name, {**config, "start_time": "2030-01-01T12:00:05+02:00"}, prior)
    assert same["start_time"] == "2030-01-01T10:00:30Z"
    moved, replaced = planned(name, {**config, "start_time": "2030-01-01T10:01:30Z"}, prior)
    assert moved["start_time"] == "2030-01-01T10:01:30Z" and replaced == []


def test_a_link_is_never_changed_in_place() -> None:
    name = "azurerm_automation_job_schedule"
    config = {"resource_group_name": "rg", "automation_account_name": "aa", "runbook_name": "r", "schedule_name": "s"}
    prior = settle(block(name), planned(name, {**config, "parameters": {"keepdata": "false"}})[0])
    assert planned(name, {**config, "parameters": {"keepdata": "true"}}, prior)[1] == ["parameters"]


def wrong(name: str, config: dict[str, Any]) -> list[str]:
    return [text for text, _ in problems(RESOURCES[name], block(name), complete(block(name), config))]


@pytest.mark.parametrize(
    ("name", "config", "words"),
    [
        ("azurerm_storage_account", {"name": "Stone"}, "lowercase"),
        ("azurerm_storage_account", {"min_tls_version": "TLS1_0"}, "TLS1_2"),
        ("azurerm_storage_container", {"name": "ab"}, "3 to 63"),
        (
            "azurerm_consumption_budget_resource_group",
            {"time_period": [{"start_date": "2026-11-02T00:00:00Z"}]},
            "first of the month",
        ),
        ("azurerm_consumption_budget_resource_group", {"notification": [{"threshold": 12.5}]}, "whole number"),
        ("azurerm_consumption_budget_resource_group", {"notification": [{"threshold": 1001}]}, "range"),
        ("azurerm_consumption_budget_resource_group", {"notification": [{"threshold": "33.3"}]}, "whole number"),
        ("azurerm_automation_schedule", {"start_time": "tomorrow"}, "RFC3339"),
        ("azurerm_automation_schedule", {"start_time": "2030-01-01T00:00:00"}, "zone"),
        ("azurerm_automation_job_schedule", {"parameters": {"KeepData": "x"}}, "lower case"),
        ("azurerm_network_security_rule", {"priority": 99}, "range"),
        ("azurerm_resource_group", {"name": "group."}, "name may only"),
        (NAME, {"roles": [{"head_node": node(vm_size="Standard_D12_v2")}]}, "not in the list"),
        (NAME, {"roles": [{"head_node": node(script_actions=[script("wasbs://c@a/b")])}]}, "http,https"),
        (NAME, {"roles": [{"worker_node": node(target_instance_count=0)}]}, "range"),
        (NAME, {"https_endpoint": "x"}, "decided automatically"),
    ],
)
def test_what_the_provider_refuses(name: str, config: dict[str, Any], words: str) -> None:
    found = wrong(name, config)
    assert len(found) == 1 and words in found[0]


def test_a_good_configuration_is_not_complained_about() -> None:
    assert wrong(NAME, CLUSTER) == []


def test_a_block_with_something_unknown_is_not_looked_at() -> None:
    bad = {"roles": [{"head_node": node(vm_size="nonsense", password=UNKNOWN)}]}
    assert wrong(NAME, bad) == []


def test_what_the_cloud_adds_by_itself_is_no_difference() -> None:
    name = "azurerm_consumption_budget_resource_group"
    told = {
        "operator": "GreaterThan",
        "threshold": 80,
        "contact_roles": ["Owner"],
        "contact_emails": None,
        "contact_groups": None,
    }
    before = complete(block(name), {"name": "b", "notification": [{**told, "enabled": None, "threshold_type": None}]})
    reported = {**told, "enabled": True, "threshold_type": "Actual", "contact_emails": [], "contact_groups": []}
    found = complete(block(name), {**before, "time_grain": "Monthly", "notification": [reported]})
    resource = RESOURCES[name]
    assert quieted(block(name), before, found, resource.defaults, resource.same) == before
    other = complete(block(name), {**found, "notification": [{**reported, "enabled": False}]})
    assert quieted(block(name), before, other, resource.defaults, resource.same)["notification"][0]["enabled"] is False
