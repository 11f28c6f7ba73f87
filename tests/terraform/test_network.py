"""A cluster in somebody's subnet, closed to all but a few addresses."""

from typing import Any

import pytest

from tests.terraform.stack import Stack

pytestmark = pytest.mark.slow
API = "2025-01-01"


@pytest.fixture
def network(stack: Stack) -> dict[str, Any]:
    """Somebody's virtual network with a subnet, in a group of its own."""
    cloud, group = stack.cloud, f"/subscriptions/{stack.cloud.subscription}/resourceGroups/net"
    path = f"{group}/providers/Microsoft.Network/virtualNetworks/office"
    assert cloud.call("PUT", group, body={"location": "eastus"}).status_code == 201
    body = {"location": "eastus", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}}
    cloud.finished(cloud.call("PUT", path, API, body))
    cloud.finished(cloud.call("PUT", f"{path}/subnets/spark", API, {"properties": {"addressPrefixes": ["10.0.1.0/24"]}}))
    return {"virtual_network_id": path, "subnet_id": f"{path}/subnets/spark", "allowed_address_ranges": ["203.0.113.0/24"]}


def subnet(stack: Stack, network: dict[str, Any]) -> dict[str, Any]:
    return dict(stack.cloud.call("GET", network["subnet_id"], API).json()["properties"])


def test_the_subnet_is_closed_before_the_cluster_and_opened_after_it(stack: Stack, network: dict[str, Any]) -> None:
    stack.compute["network"] = network
    stack.apply("data")
    stack.apply("compute")
    assert stack.changes("compute") == []
    group = subnet(stack, network)["networkSecurityGroup"]["id"]
    rules = stack.cloud.call("GET", group, API).json()["properties"]["securityRules"]
    found = {rule["name"]: rule["properties"] for rule in rules}
    assert found["allow-clients"]["sourceAddressPrefixes"] == ["203.0.113.0/24"]
    assert found["allow-hdinsight"]["sourceAddressPrefix"] == "HDInsight"
    cluster = stack.cloud.call("GET", stack.group("/providers/Microsoft.HDInsight/clusters/aerial-ops-demo"), "2021-06-01").json()
    for role in cluster["properties"]["computeProfile"]["roles"]:
        assert role["virtualNetworkProfile"] == {"id": network["virtual_network_id"], "subnet": network["subnet_id"]}

    network["allowed_address_ranges"].append("198.51.100.7/32")
    assert stack.changes("compute") == [("module.spark_cluster.azurerm_network_security_rule.clients[0]", ["update"])]
    stack.run("compute", "apply", "-no-color", "plan")
    assert stack.changes("compute") == []

    stack.destroy("compute")
    assert "networkSecurityGroup" not in subnet(stack, network)
    stack.destroy("data")
    assert all("/resourceGroups/net" in id for id in stack.left())


def test_a_subnet_with_rules_of_its_own_is_not_taken_over(stack: Stack, network: dict[str, Any]) -> None:
    theirs = network["virtual_network_id"].replace("virtualNetworks/office", "networkSecurityGroups/theirs")
    stack.cloud.finished(stack.cloud.call("PUT", theirs, API, {"location": "eastus", "properties": {}}))
    body = {"properties": {"addressPrefixes": ["10.0.1.0/24"], "networkSecurityGroup": {"id": theirs}}}
    stack.cloud.finished(stack.cloud.call("PUT", network["subnet_id"], API, body))
    stack.compute["network"] = network
    stack.apply("data")
    assert "already exists" in stack.apply("compute", status=1)
    stack.destroy("compute")
    assert subnet(stack, network)["networkSecurityGroup"]["id"] == theirs
