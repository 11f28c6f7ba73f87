"""Microsoft's own clients do whole lifecycles against the emulator."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.identity import ClientAssertionCredential
from azure.mgmt.hdinsight import HDInsightManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resource.subscriptions import SubscriptionClient
from azure.mgmt.storage import StorageManagementClient

from tests.emulator.arm.cloud import EmulatedCloud


def test_a_whole_lifecycle(cloud: EmulatedCloud) -> None:
    resources = cloud.sdk(ResourceManagementClient)
    storage = cloud.sdk(StorageManagementClient)
    hdinsight = cloud.sdk(HDInsightManagementClient)
    assert not resources.resource_groups.check_existence("rg")
    group = resources.resource_groups.create_or_update("rg", {"location": "eastus", "tags": {"aerial-ops:environment": "demo"}})
    assert group.properties.provisioning_state == "Succeeded"
    assert storage.storage_accounts.check_name_availability(
        {"name": "stone", "type": "Microsoft.Storage/storageAccounts"}
    ).name_available
    order = {
        "location": "eastus",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "tags": {"aerial-ops:environment": "demo"},
    }
    account = storage.storage_accounts.begin_create("rg", "stone", order).result()
    assert account.primary_endpoints.blob == f"https://stone.blob.localhost:{cloud.storage_port}/"
    assert storage.storage_accounts.check_name_availability({"name": "stone"}).reason == "AlreadyExists"
    key = storage.storage_accounts.list_keys("rg", "stone")["keys"][0]["value"]
    assert key != storage.storage_accounts.regenerate_key("rg", "stone", {"keyName": "key1"})["keys"][0]["value"]
    key = storage.storage_accounts.list_keys("rg", "stone")["keys"][0]["value"]
    storage.blob_containers.create("rg", "stone", "train", {})
    assert [container.name for container in storage.blob_containers.list("rg", "stone")] == ["train"]

    usage = next(iter(hdinsight.locations.list_usages("eastus").value))
    assert (usage.current_value, usage.limit) == (0, 300)
    body = cloud.cluster_body(key)
    checked = hdinsight.locations.validate_cluster_create_request("eastus", {**body, "name": "spark1", "type": "x"})
    assert checked.validation_errors == []
    cluster = hdinsight.clusters.begin_create("rg", "spark1", body).result()
    assert cluster.properties.cluster_state == "Running"
    assert hdinsight.configurations.list("rg", "spark1").configurations["gateway"]["restAuthCredential.username"] == "admin"
    hdinsight.clusters.begin_resize("rg", "spark1", "workernode", {"targetInstanceCount": 4}).result()
    roles = {
        role.name: role.target_instance_count for role in hdinsight.clusters.get("rg", "spark1").properties.compute_profile.roles
    }
    assert roles == {"headnode": 2, "workernode": 4, "zookeepernode": 3}
    hdinsight.clusters.update("rg", "spark1", {"tags": {"owner": "me"}})
    assert [found.name for found in hdinsight.clusters.list()] == ["spark1"]
    assert hdinsight.locations.get_capabilities("eastus").quota.cores_used == 24
    assert hdinsight.locations.list_billing_specs("eastus").vm_sizes

    listed = resources.resources.list(filter="tagName eq 'aerial-ops:environment' and tagValue eq 'demo'")
    assert [found.name for found in listed] == ["stone"]
    kind = "resourceType eq 'Microsoft.HDInsight/clusters'"
    assert [found.name for found in resources.resources.list_by_resource_group("rg", filter=kind)] == ["spark1"]
    hdinsight.clusters.begin_delete("rg", "spark1").result()
    resources.resource_groups.begin_delete("rg").result()
    with pytest.raises(ResourceNotFoundError) as gone:
        resources.resource_groups.get("rg")
    assert gone.value.error is not None and gone.value.error.code == "ResourceGroupNotFound"
    assert list(storage.storage_accounts.list()) == []


def test_the_default_polling_waits_as_the_emulator_says(cloud: EmulatedCloud) -> None:
    storage = StorageManagementClient(
        cloud.credential(),
        cloud.subscription,
        base_url=cloud.url,
        credential_scopes=[f"{cloud.url}/.default"],
        connection_verify=str(cloud.certificates.authority),
    )
    cloud.make_group()
    started = time.monotonic()
    storage.storage_accounts.begin_create("rg", "stone", {"location": "eastus", "sku": {"name": "Standard_LRS"}}).result()
    assert time.monotonic() - started < 20  # the SDK's own interval is 30 seconds


def test_subscriptions(cloud: EmulatedCloud) -> None:
    client = SubscriptionClient(
        cloud.credential(),
        base_url=cloud.url,
        credential_scopes=[f"{cloud.url}/.default"],
        connection_verify=str(cloud.certificates.authority),
    )
    assert [found.subscription_id for found in client.subscriptions.list()] == [cloud.subscription]
    assert client.subscriptions.get(cloud.subscription).state == "Enabled"
    assert [found.tenant_id for found in client.tenants.list()] == [cloud.identity.tenant]
    assert "eastus" in [found.name for found in client.subscriptions.list_locations(cloud.subscription)]


def test_a_failed_creation_raises_with_azures_code(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    key = cloud.make_account()
    cloud.fault("create-fails", args={"code": "AmbariClusterCreationFailed", "message": "No luck."})
    hdinsight = cloud.sdk(HDInsightManagementClient)
    with pytest.raises(HttpResponseError, match="No luck"):
        hdinsight.clusters.begin_create("rg", "spark1", cloud.cluster_body(key)).result()
    cluster = hdinsight.clusters.get("rg", "spark1")
    assert (cluster.properties.cluster_state, cluster.properties.errors[0].code) == ("Error", "AmbariClusterCreationFailed")
    hdinsight.clusters.begin_delete("rg", "spark1").result()
    assert list(hdinsight.clusters.list_by_resource_group("rg")) == []


def test_a_federated_token_signs_in(cloud: EmulatedCloud) -> None:
    def assertion() -> str:
        return str(cloud.control.get("id-token").json()["value"])

    credential = ClientAssertionCredential(
        cloud.identity.tenant,
        cloud.identity.client_id,
        assertion,
        authority=cloud.url,
        disable_instance_discovery=True,
        connection_verify=str(cloud.certificates.authority),
    )
    assert credential.get_token(f"{cloud.url}/.default").token.count(".") == 2


@pytest.mark.parametrize("scope", ["https://management.azure.com/.default", "https://storage.azure.com/.default"])
def test_a_wrong_secret_is_refused_in_entras_words(cloud: EmulatedCloud, scope: str) -> None:
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215: Invalid client secret provided"):
        cloud.credential(secret="wrong").get_token(scope)


def test_a_client_survives_throttling(make_cloud: Callable[..., Any]) -> None:
    cloud = make_cloud()
    cloud.fault("throttle", times=1, method="PUT", args={"retry_after": 1})
    resources = cloud.sdk(ResourceManagementClient)
    assert resources.resource_groups.create_or_update("rg", {"location": "eastus"}).name == "rg"
    assert [request["status"] for request in cloud.arm.store.requests() if request["method"] == "PUT"] == [429, 201]
