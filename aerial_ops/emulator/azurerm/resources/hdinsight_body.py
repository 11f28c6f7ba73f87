"""What is sent to Resource Manager for an HDInsight cluster."""

from typing import Any
from urllib.parse import urlsplit

from aerial_ops.emulator.azurerm.values import State

_FIXED_COUNTS = {"headnode": 2, "zookeepernode": 3}


def cluster_body(plan: State) -> dict[str, Any]:
    """The body of the PUT."""
    roles = plan["roles"][0]
    properties = {
        "clusterVersion": plan["cluster_version"],
        "osType": "Linux",
        "tier": plan["tier"],
        "minSupportedTlsVersion": plan["tls_min_version"],
        "encryptionInTransitProperties": {"isEncryptionInTransitEnabled": plan["encryption_in_transit_enabled"] is True},
        "clusterDefinition": {
            "kind": "SPARK",
            "componentVersion": {"Spark": plan["component_version"][0]["spark"]},
            "configurations": {"gateway": gateway_body(plan)},
        },
        "storageProfile": {"storageaccounts": [_storage(block) for block in plan["storage_account"]]},
        "computeProfile": {
            "roles": [
                _role("headnode", roles["head_node"][0]),
                _role("workernode", roles["worker_node"][0]),
                _role("zookeepernode", roles["zookeeper_node"][0]),
            ]
        },
    }
    body: dict[str, Any] = {"location": plan["location"], "tags": plan["tags"] or {}, "properties": properties}
    if plan["zones"]:
        body["zones"] = plan["zones"]
    return body


def gateway_body(plan: State) -> dict[str, Any]:
    """Who may use the gateway."""
    gateway = plan["gateway"][0]
    return {
        "restAuthCredential.isEnabled": True,
        "restAuthCredential.username": gateway["username"],
        "restAuthCredential.password": gateway["password"],
    }


def autoscale_body(worker: State) -> dict[str, Any] | None:
    """The autoscale configuration of the worker nodes, or None."""
    for block in worker["autoscale"] or []:
        for capacity in block["capacity"]:
            limits = {
                "minInstanceCount": int(capacity["min_instance_count"]),
                "maxInstanceCount": int(capacity["max_instance_count"]),
            }
            return {"autoscale": {"capacity": limits}}
        for recurrence in block["recurrence"]:
            schedules = [
                {
                    "days": schedule["days"],
                    "timeAndCapacity": {
                        "time": schedule["time"],
                        "minInstanceCount": int(schedule["target_instance_count"]),
                        "maxInstanceCount": int(schedule["target_instance_count"]),
                    },
                }
                for schedule in recurrence["schedule"]
            ]
            return {"autoscale": {"recurrence": {"timeZone": recurrence["timezone"], "schedule": schedules}}}
    return None


def _storage(block: State) -> dict[str, Any]:
    address = urlsplit(block["storage_container_url"])
    return {
        "name": address.netloc,
        "container": address.path.strip("/"),
        "key": block["storage_account_key"],
        "isDefault": block["is_default"],
        "resourceId": block["storage_account_id"] or "",
    }


def _role(name: str, node: State) -> dict[str, Any]:
    user: dict[str, Any] = {"username": node["username"]}
    if node["password"]:
        user["password"] = node["password"]
    if node["ssh_keys"]:
        user["sshProfile"] = {"publicKeys": [{"certificateData": key} for key in node["ssh_keys"]]}
    count = int(node["target_instance_count"]) if name == "workernode" else _FIXED_COUNTS[name]
    role: dict[str, Any] = {
        "name": name,
        "targetInstanceCount": count,
        "hardwareProfile": {"vmSize": node["vm_size"]},
        "osProfile": {"linuxOperatingSystemProfile": user},
        "scriptActions": [
            {"name": script["name"], "uri": script["uri"], "parameters": script["parameters"] or ""}
            for script in node["script_actions"]
        ],
    }
    if node["virtual_network_id"] and node["subnet_id"]:
        role["virtualNetworkProfile"] = {"id": node["virtual_network_id"], "subnet": node["subnet_id"]}
    if name == "workernode":
        role |= autoscale_body(node) or {}
    return role
