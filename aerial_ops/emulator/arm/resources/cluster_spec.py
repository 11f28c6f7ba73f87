"""What an order for a cluster must look like, and how many cores it takes."""

import re
from typing import TYPE_CHECKING, Any

from aerial_ops.emulator.arm.backends import ClusterOrder, StorageLink
from aerial_ops.emulator.arm.errors import ArmError, bad_request
from aerial_ops.emulator.arm.store import Resource

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.service import Arm

KIND = "Microsoft.HDInsight/clusters"
STORAGE_KIND = "Microsoft.Storage/storageAccounts"
VERSIONS = {"4.0": "4.0.3000.1", "5.0": "5.0.3000.1", "5.1": "5.1.3000.1"}
ROLES = {"headnode": 2, "workernode": None, "zookeepernode": 3}
CORES = {
    **{"a1_v2": 1, "a2_v2": 2, "a4_v2": 4, "a8_v2": 8, "a2m_v2": 2, "a4m_v2": 4, "a8m_v2": 8},
    **{"d1_v2": 1, "d2_v2": 2, "d3_v2": 4, "d4_v2": 8, "d5_v2": 16, "d11_v2": 2, "d12_v2": 4, "d13_v2": 8, "d14_v2": 16},
    **{"e2_v3": 2, "e4_v3": 4, "e8_v3": 8, "e16_v3": 16, "e20_v3": 20, "e32_v3": 32, "e64_v3": 64},
    **{"f4": 4, "f8": 8, "f16": 16},
}
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{1,57})[A-Za-z0-9]")


def cores_of_size(size: str) -> int:
    """The cores of a node size. Raises ArmError 400 for one that HDInsight does not offer."""
    cores = CORES.get(size.lower().removeprefix("standard_"))
    if cores is None:
        raise bad_request(f"The VM size '{size}' is not supported for HDInsight clusters.", "VmSizeNotSupported")
    return cores


def cores_of(properties: dict[str, Any]) -> int:
    """The cores that count against the quota: head and worker nodes, not ZooKeeper."""
    roles = properties["computeProfile"]["roles"]
    counted = [role for role in roles if role["name"] != "zookeepernode"]
    return sum(cores_of_size(role["hardwareProfile"]["vmSize"]) * int(role["targetInstanceCount"]) for role in counted)


def cores_used(arm: "Arm", subscription: str, location: str, without: str = "") -> int:
    """The cores taken in a region, those of clusters being made, deleted or in Error included."""
    clusters = arm.store.below(f"/subscriptions/{subscription}", KIND)
    return sum(cores_of(c.properties) for c in clusters if c.location == location and c.key != without.lower())


def check_quota(arm: "Arm", subscription: str, location: str, name: str, wanted: int, without: str = "") -> None:
    """Raises ArmError 400 when the region's quota has not `wanted` cores left; the cluster `without` does not count."""
    left = arm.cores_limit(location) - cores_used(arm, subscription, location, without)
    forced = arm.faults.for_resource("quota", name)
    if forced:
        left = min(left, int(forced.args.get("available", max(0, wanted - 1))))
    if wanted > left:
        raise bad_request(
            f"User SubscriptionId '{subscription}' does not have cores left to create resource '{name}' in '{location}'. "
            f"Required: {wanted}, Available: {left}.",
            "CoresQuotaExceeded",
        )


def check_order(arm: "Arm", name: str, location: str, properties: dict[str, Any]) -> None:
    """Raises ArmError 400 for an order that HDInsight would not take."""
    if not _NAME.fullmatch(name):
        message = f"Cluster name '{name}' is invalid: 3 to 59 letters, digits and hyphens, neither first nor last a hyphen."
        raise bad_request(message, "InvalidClusterName")
    version = str(properties.get("clusterVersion") or "")
    if ".".join(version.split(".")[:2]) not in VERSIONS:
        raise bad_request(
            f"Cluster version '{version}' is not supported. Supported versions: {', '.join(VERSIONS)}.", "InvalidClusterVersion"
        )
    kind = str((properties.get("clusterDefinition") or {}).get("kind") or "")
    if kind.lower() != "spark":
        raise bad_request(f"Cluster kind '{kind}' is not offered by this emulator; Spark is.", "InvalidClusterKind")
    if properties.get("osType") != "Linux":
        raise bad_request("The osType of a cluster must be Linux.", "InvalidOsType")
    _check_roles(arm, (properties.get("computeProfile") or {}).get("roles") or [])
    _check_gateway(properties)
    _storage_links(arm, properties)


def order_of(cluster: Resource) -> ClusterOrder:
    """What the cluster's job server must know."""
    gateway = cluster.hidden["configurations"]["gateway"]
    links = tuple(StorageLink(**link) for link in cluster.hidden["storage"])
    user, password = gateway["restAuthCredential.username"], gateway["restAuthCredential.password"]
    endpoints = cluster.properties.get("connectivityEndpoints") or []
    known = next((str(end["location"]) for end in endpoints if end["name"] == "HTTPS"), "")
    return ClusterOrder(cluster.key, cluster.name, user, password, links, cores_of(cluster.properties), known)


def storage_links(arm: "Arm", properties: dict[str, Any]) -> list[dict[str, Any]]:
    """The accounts of a storage profile, as kept with the cluster."""
    return [dict(vars(link)) for link in _storage_links(arm, properties)]


def _check_roles(arm: "Arm", roles: list[dict[str, Any]]) -> None:
    names = [str(role.get("name", "")).lower() for role in roles]
    for name, count in ROLES.items():
        if names.count(name) != 1:
            raise bad_request(f"The compute profile must have one role '{name}'.", "InvalidComputeProfile")
        role = roles[names.index(name)]
        asked = int(role.get("targetInstanceCount") or 0)
        if (count is None and asked < 1) or (count is not None and asked != count):
            need = "at least 1" if count is None else str(count)
            raise bad_request(f"The role '{name}' must have {need} instances, not {asked}.", "InvalidInstanceCount")
        cores_of_size(str((role.get("hardwareProfile") or {}).get("vmSize") or ""))
        system = (role.get("osProfile") or {}).get("linuxOperatingSystemProfile") or {}
        if not system.get("username"):
            raise bad_request(f"The role '{name}' has no user name for its nodes.", "InvalidOsProfile")
        if not (system.get("sshProfile") or {}).get("publicKeys"):
            _check_password(str(system.get("password") or ""), f"The node password of the role '{name}'")
        subnet = (role.get("virtualNetworkProfile") or {}).get("subnet")
        if subnet and not arm.store.get(str(subnet)):
            raise bad_request(f"The subnet '{subnet}' does not exist.", "InvalidVirtualNetwork")


def _check_gateway(properties: dict[str, Any]) -> None:
    gateway = (properties["clusterDefinition"].get("configurations") or {}).get("gateway") or {}
    user, password = gateway.get("restAuthCredential.username"), str(gateway.get("restAuthCredential.password") or "")
    if not user:
        raise bad_request("The gateway configuration has no user name.", "InvalidGatewayCredential")
    _check_password(password, "The gateway password")
    for role in properties["computeProfile"]["roles"]:
        if ((role.get("osProfile") or {}).get("linuxOperatingSystemProfile") or {}).get("password") == password:
            raise bad_request("The gateway password must differ from the node passwords.", "InvalidGatewayCredential")


def _check_password(password: str, what: str) -> None:
    parts = (r"[0-9]", r"[a-z]", r"[A-Z]", r"[^0-9A-Za-z]")
    if len(password) < 10 or not all(re.search(part, password) for part in parts):
        need = "at least 10 characters with a digit, an upper and a lower case letter and a special character"
        raise bad_request(f"{what} must have {need}.", "InvalidPassword")


def _storage_links(arm: "Arm", properties: dict[str, Any]) -> list[StorageLink]:
    links = []
    for given in (properties.get("storageProfile") or {}).get("storageaccounts") or []:
        host, key = str(given.get("name") or ""), str(given.get("key") or "")
        name = host.split(".", maxsplit=1)[0]
        account = next((a for a in arm.store.below("/subscriptions", STORAGE_KIND) if a.name == name), None)
        if account is None or host != f"{name}.blob.{arm.storage_suffix}":
            raise bad_request(f"The storage account '{host}' was not found.", "InvalidStorageAccount")
        if key not in (account.hidden["keys"]["key1"], account.hidden["keys"]["key2"]):
            raise ArmError(400, "InvalidStorageAccountCredentials", f"The key of the storage account '{name}' is not valid.")
        links.append(StorageLink(name, key, str(given.get("container") or ""), bool(given.get("isDefault"))))
    if sum(link.is_default for link in links) != 1:
        raise bad_request("The storage profile must have exactly one default account.", "InvalidStorageProfile")
    return links
