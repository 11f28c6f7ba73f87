"""azurerm_hdinsight_spark_cluster."""

from collections.abc import Mapping
from typing import Any

from aerial_ops.emulator.azurerm.checks import between, matching, member, one_of, script_address
from aerial_ops.emulator.azurerm.client import Azure
from aerial_ops.emulator.azurerm.refusals import RefusedError
from aerial_ops.emulator.azurerm.resource import Context, Resource, name_of, part
from aerial_ops.emulator.azurerm.resources.hdinsight_body import autoscale_body, cluster_body, gateway_body
from aerial_ops.emulator.azurerm.values import State, first
from aerial_ops.emulator.azurerm.vm_sizes import VM_SIZES

_NODES = ("head_node", "worker_node", "zookeeper_node")
_ROLE_OF = {"head_node": "headnode", "worker_node": "workernode", "zookeeper_node": "zookeepernode"}
_NEW_PER_NODE = ("vm_size", "username", "password", "ssh_keys", "subnet_id", "virtual_network_id", "script_actions")
_STORAGE_ARGUMENTS = ("storage_account_id", "storage_account_key", "storage_container_url")
_EXTENSIONS = ("clustermonitoring", "azureMonitor")


def _same_release(one: Any, other: Any) -> bool:
    return str(one).split(".")[:2] == str(other).split(".")[:2]


def _node_checks() -> dict[str, Any]:
    checks: dict[str, Any] = {}
    for node in _NODES:
        checks[f"roles.{node}.vm_size"] = member(VM_SIZES)
        checks[f"roles.{node}.script_actions.uri"] = script_address
    return checks


class SparkCluster(Resource):
    """A Spark cluster. A changed address of a script action is accepted and does nothing, as with the provider."""

    type_name = "azurerm_hdinsight_spark_cluster"
    title = "Cluster"
    version = "2021-06-01"
    force_new = frozenset(
        {"name", "resource_group_name", "location", "cluster_version", "tier", "tls_min_version", "encryption_in_transit_enabled"}
        | {"zones", "component_version.spark", "gateway.username", "storage_account"}
        | {
            f"storage_account.{name}"
            for name in ("is_default", "storage_account_id", "storage_account_key", "storage_container_url")
        }
        | {f"roles.{node}.{name}" for node in _NODES for name in _NEW_PER_NODE}
    )
    defaults = {"encryption_in_transit_enabled": False}
    checks = {
        "name": matching("[a-zA-Z0-9](?:[a-zA-Z0-9-]{1,57}[a-zA-Z0-9])", "the name must be 3 to 59 letters, numbers and hyphens"),
        "tier": one_of("Standard", "Premium"),
        "tls_min_version": one_of("1.0", "1.1", "1.2"),
        "cluster_version": matching(r"\d+\.\d+(\.\d+\.\d+)?", "`version` must be in the format Major.Minor"),
        "roles.worker_node.target_instance_count": between(1, 100000),
        **_node_checks(),
    }
    same = {"cluster_version": _same_release, "component_version.spark": _same_release}
    minutes = {"create": 60, "read": 5, "update": 60, "delete": 60}

    def resource_id(self, azure: Azure, plan: State) -> str:
        """GROUP/providers/Microsoft.HDInsight/clusters/NAME."""
        return f"{azure.group_id(plan['resource_group_name'])}/providers/Microsoft.HDInsight/clusters/{plan['name']}"

    def create(self, ctx: Context, resource_id: str, plan: State) -> None:
        """PUT, answered by exactly 200, then wait for the operation."""
        for node in _NODES:
            block = plan["roles"][0][node][0]
            if not block["password"] and not block["ssh_keys"]:
                raise RefusedError("either a `password` or `ssh_key` must be specified for the node's user")
        for account in plan["storage_account"]:
            if not str(account["storage_container_url"]).startswith("https://"):
                raise RefusedError(f'parsing container URL "{account["storage_container_url"]}"')
        response = ctx.azure.call("PUT", resource_id, self.version, cluster_body(plan), ok=(200,), operation="Create")
        ctx.settle(response, resource_id, self.version, "Create")

    def read(self, ctx: Context, state: State) -> State | None:
        """GET, the configurations, and the two extensions that the provider looks at."""
        found = ctx.azure.get(state["id"], self.version)
        if found is None:
            return None
        answer = ctx.azure.call("POST", f"{state['id']}/configurations", self.version, ok=(200,), operation="ConfigurationsList")
        gateway = (answer.json().get("configurations") or {}).get("gateway")
        if gateway is None:
            raise RefusedError(f"retrieving gateway configuration of {name_of(state['id'])}: <nil>")
        for extension in _EXTENSIONS:
            ctx.azure.get(f"{state['id']}/extensions/{extension}", self.version)
        properties = found["properties"]
        encryption = properties.get("encryptionInTransitProperties") or {}
        before = first(state.get("gateway"))
        endpoints = {item["name"].upper(): item["location"] for item in properties.get("connectivityEndpoints") or []}
        return {
            "name": found["name"],
            "resource_group_name": part(state["id"], "resourceGroups"),
            "location": found.get("location", ""),
            "tags": found.get("tags"),
            "tier": str(properties.get("tier", "")).capitalize(),
            "cluster_version": properties.get("clusterVersion", ""),
            "tls_min_version": properties.get("minSupportedTlsVersion", ""),
            "encryption_in_transit_enabled": bool(encryption.get("isEncryptionInTransitEnabled")),
            "zones": found.get("zones"),
            "component_version": [{"spark": _component(properties, before=state)}],
            "gateway": [
                {
                    "username": gateway.get("restAuthCredential.username", ""),
                    "password": gateway.get("restAuthCredential.password") or before.get("password", ""),
                }
            ],
            "roles": _roles(state, properties),
            "https_endpoint": endpoints.get("HTTPS", ""),
            "ssh_endpoint": endpoints.get("SSH", ""),
        }

    def update(self, ctx: Context, prior: State, plan: State) -> None:
        """Tags, number of workers, autoscale and the gateway's password change in place, each by its own call."""
        path, azure = prior["id"], ctx.azure
        old, new = (state["roles"][0]["worker_node"][0] for state in (prior, plan))
        if (prior["tags"] or {}) != (plan["tags"] or {}):
            azure.call("PATCH", path, self.version, {"tags": plan["tags"] or {}}, ok=(200,))
        if old["target_instance_count"] != new["target_instance_count"]:
            body = {"targetInstanceCount": int(new["target_instance_count"])}
            self._post(ctx, f"{path}/roles/workernode/resize", body, "Resize", path)
        if old["autoscale"] != new["autoscale"]:
            body = autoscale_body(new) or {}
            self._post(ctx, f"{path}/roles/workernode/autoscale", body, "UpdateAutoScaleConfiguration", path)
        if prior["gateway"] != plan["gateway"]:
            self._post(ctx, f"{path}/updateGatewaySettings", gateway_body(plan), "UpdateGatewaySettings", path)

    def _post(self, ctx: Context, path: str, body: Mapping[str, Any], operation: str, cluster: str) -> None:
        response = ctx.azure.call("POST", path, self.version, body, ok=(200, 202), operation=operation)
        ctx.azure.poll(response, cluster, self.version, operation, ctx.deadline)


def _component(properties: Mapping[str, Any], before: State) -> str:
    found = (properties.get("clusterDefinition") or {}).get("componentVersion") or {}
    by_name = {name.lower(): version for name, version in found.items()}
    old = first(before.get("component_version"))
    return str(by_name.get("spark", old.get("spark", "")))


def _capacity(found: Mapping[str, Any]) -> State:
    limits = {"min_instance_count": found["minInstanceCount"], "max_instance_count": found["maxInstanceCount"]}
    return {"capacity": [limits], "recurrence": []}


def _roles(state: State, properties: Mapping[str, Any]) -> list[State]:
    """The node blocks: what Resource Manager reports, over what only the state knows (sizes, passwords, scripts)."""
    known = first(state.get("roles"))
    reported = {role["name"].lower(): role for role in (properties.get("computeProfile") or {}).get("roles") or []}
    out: State = {}
    for node in _NODES:
        role = reported.get(_ROLE_OF[node])
        if role is None:
            continue
        before = first(known.get(node))
        profile = (role.get("osProfile") or {}).get("linuxOperatingSystemProfile") or {}
        network = role.get("virtualNetworkProfile") or {}
        body = {
            **before,
            "vm_size": before.get("vm_size") or (role.get("hardwareProfile") or {}).get("vmSize", ""),
            "username": profile.get("username") or before.get("username", ""),
            "virtual_network_id": network.get("id"),
            "subnet_id": network.get("subnet"),
        }
        if node == "worker_node":
            capacity = (role.get("autoscale") or {}).get("capacity")
            body["target_instance_count"] = role.get("targetInstanceCount")
            limits = (
                [{"min_instance_count": capacity["minInstanceCount"], "max_instance_count": capacity["maxInstanceCount"]}]
                if capacity
                else []
            )
            body["autoscale"] = [{"capacity": limits, "recurrence": []}] if capacity else []
        out[node] = [body]
    return [out] if out else []
