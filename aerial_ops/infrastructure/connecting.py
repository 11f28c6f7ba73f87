"""Hand the endpoints and keys that Terraform gave out to every other command."""

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from aerial_ops.clouds.connection import EnvironmentConnection, find_connection, keep_connection
from aerial_ops.errors import InfrastructureError
from aerial_ops.infrastructure.environments import Secrets
from aerial_ops.infrastructure.site import COMPUTE, Site
from aerial_ops.infrastructure.terraform import Terraform
from aerial_ops.storage.blobs import BlobStore

_CLUSTER = ("livy_url", "livy_user", "livy_password", "usd_per_hour", "workers", "worker_size")


def connect(
    site: Site, data: Mapping[str, Any], compute: Mapping[str, Any] | None = None, usd_per_hour: float | None = None
) -> None:
    """Write the environment's connection from the outputs of its layers; without `compute`, a cluster that is known stays so."""
    storage = {"account": data["storage_account_name"], "blob_url": data["blob_endpoint"].rstrip("/")}
    old = find_connection(site.settings)
    cluster: dict[str, Any] = {name: getattr(old, name) for name in _CLUSTER} if old else {}
    if compute:
        password = site.environment.secrets().gateway_password
        cluster = {
            "livy_url": compute["livy_url"].rstrip("/"),
            "livy_user": compute["gateway_username"],
            "livy_password": password,
            "usd_per_hour": usd_per_hour,
            **_nodes(site),
        }
    key = SecretStr(data["storage_account_key"])
    keep_connection(site.environment.folder, EnvironmentConnection(**storage, key=key, **cluster))


def ensure_connected(site: Site, data: Mapping[str, Any], compute: Terraform, usd_per_hour: float | None) -> None:
    """On another machine than the one that made the environment: a connection as the shared state tells it."""
    if find_connection(site.settings) is None:
        connect(site, data, compute.outputs(), usd_per_hour)


def without_cluster(site: Site) -> None:
    """There is no cluster any more."""
    if old := find_connection(site.settings):
        keep_connection(site.environment.folder, old.model_copy(update=dict.fromkeys(_CLUSTER)))


def resized(site: Site, usd_per_hour: float | None) -> None:
    """The cluster has another size, as the environment's description tells, and another price from now on."""
    if old := find_connection(site.settings):
        keep_connection(site.environment.folder, old.model_copy(update={"usd_per_hour": usd_per_hour, **_nodes(site)}))


def _nodes(site: Site) -> dict[str, Any]:
    described = site.environment.description()
    return {"workers": described.workers, "worker_size": described.worker_size} if described else {}


def recall_passwords(site: Site, compute: Terraform) -> None:
    """On another machine than the one that made the cluster: its passwords, as the shared state holds them. New ones would
    replace the cluster."""
    if site.environment.has_secrets or not site.may_have_state(COMPUTE):
        return
    clusters = compute.held("azurerm_hdinsight_spark_cluster")
    if clusters:
        gateway, head = clusters[0]["gateway"][0], clusters[0]["roles"][0]["head_node"][0]
        site.environment.keep_secrets(Secrets(gateway_password=gateway["password"], ssh_password=head["password"]))


def store_of(site: Site) -> BlobStore:
    """The environment's own storage account, whatever other one the settings name. Raises InfrastructureError."""
    found = find_connection(site.settings)
    if found is None:
        raise InfrastructureError("The environment has no storage account.", suggestion="Make it: aerial-ops up")
    return BlobStore(found.storage(), site.cloud.blob_transport())
