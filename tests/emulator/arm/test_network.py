from tests.emulator.arm.cloud import CLUSTER_API, EmulatedCloud

API = "2025-01-01"
NETWORK = "/providers/Microsoft.Network"


def test_a_network_with_subnet_and_security_group_and_who_uses_what(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    key = cloud.make_account()
    nsg = cloud.path(f"{NETWORK}/networkSecurityGroups/nsg")
    made = cloud.call("PUT", nsg, API, {"location": "eastus", "properties": {"securityRules": []}})
    assert (made.status_code, cloud.finished(made)["status"]) == (201, "Succeeded")
    rule = {"priority": 300, "direction": "Inbound", "access": "Allow", "protocol": "Tcp"}
    cloud.finished(cloud.call("PUT", f"{nsg}/securityRules/manage", API, {"properties": rule}))
    assert [each["name"] for each in cloud.call("GET", nsg, API).json()["properties"]["securityRules"]] == ["manage"]
    vnet = cloud.path(f"{NETWORK}/virtualNetworks/net")
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": []}
    cloud.finished(cloud.call("PUT", vnet, API, {"location": "eastus", "properties": space}))
    subnet = f"{vnet}/subnets/nodes"
    body = {"properties": {"addressPrefixes": ["10.0.1.0/24"], "networkSecurityGroup": {"id": nsg}}}
    cloud.finished(cloud.call("PUT", subnet, API, body))
    assert cloud.call("GET", vnet, API).json()["properties"]["subnets"][0]["properties"]["provisioningState"] == "Succeeded"
    order = cloud.cluster_body(key)
    for role in order["properties"]["computeProfile"]["roles"]:
        role["virtualNetworkProfile"] = {"id": vnet, "subnet": subnet}
    cloud.finished(cloud.call("PUT", cloud.cluster_path(), CLUSTER_API, order))
    shown = cloud.call("GET", cloud.cluster_path(), CLUSTER_API).json()["properties"]["computeProfile"]["roles"][0]
    assert shown["virtualNetworkProfile"]["subnet"] == subnet
    for path, code in (
        (subnet, "InUseSubnetCannotBeDeleted"),
        (vnet, "InUseSubnetCannotBeDeleted"),
        (nsg, "InUseNetworkSecurityGroupCannotBeDeleted"),
    ):
        assert cloud.call("DELETE", path, API).json()["error"]["code"] == code
    cloud.finished(cloud.call("DELETE", cloud.cluster_path(), CLUSTER_API))
    for path in (vnet, nsg):
        assert cloud.finished(cloud.call("DELETE", path, API))["status"] == "Succeeded"
        assert cloud.call("GET", path, API).status_code == 404
