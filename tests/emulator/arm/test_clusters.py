from typing import Any

import pytest

from tests.emulator.arm.cloud import CLUSTER_API, EmulatedCloud


def state(cloud: EmulatedCloud) -> str:
    return str(cloud.call("GET", cloud.cluster_path(), CLUSTER_API).json()["properties"]["clusterState"])


def test_a_cluster_comes_up_with_its_job_server_and_goes_again(cloud: EmulatedCloud) -> None:
    answer = cloud.make_cluster()
    assert answer.status_code == 200
    assert cloud.last["status"] == "Succeeded"
    cluster = cloud.call("GET", cloud.cluster_path(), CLUSTER_API).json()
    assert (cluster["properties"]["clusterState"], cluster["properties"]["provisioningState"]) == ("Running", "Succeeded")
    https = next(end for end in cluster["properties"]["connectivityEndpoints"] if end["name"] == "HTTPS")
    assert https["location"].endswith(f":{https['port']}")
    assert cloud.arm.backends.clusters[cloud.cluster_path().lower()] == {"user": "admin", "password": "Gate-password-1"}
    assert "Gate-password-1" not in answer.text + str(cluster)
    assert "Node-password-1" not in answer.text + str(cluster)
    deleted = cloud.call("DELETE", cloud.cluster_path(), CLUSTER_API)
    assert deleted.status_code == 202
    cloud.finished(deleted)
    assert cloud.call("GET", cloud.cluster_path(), CLUSTER_API).status_code == 404
    assert cloud.arm.backends.clusters == {}
    assert cloud.call("DELETE", cloud.cluster_path(), CLUSTER_API).status_code == 204


def test_the_states_follow_each_other_over_time(make_cloud: Any) -> None:
    cloud = make_cloud(pace=1.0)
    cloud.make_group()
    cloud.fault("delay", times=1, path="never")
    path = cloud.path("/providers/Microsoft.Storage/storageAccounts/stone")
    cloud.call("PUT", path, "2025-08-01", {"location": "eastus", "sku": {"name": "Standard_LRS"}})
    cloud.jump(30)
    key = cloud.call("POST", f"{path}/listKeys", "2025-08-01").json()["keys"][0]["value"]
    cloud.call("PUT", cloud.cluster_path(), CLUSTER_API, cloud.cluster_body(key))
    seen = [state(cloud)]
    for seconds in (70, 130, 430, 530, 60):
        refused = cloud.call("DELETE", cloud.cluster_path(), CLUSTER_API)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "Conflict")
        cloud.jump(seconds)
        seen.append(state(cloud))
    assert seen == [
        "Accepted",
        "ClusterStorageProvisioned",
        "AzureVMConfiguration",
        "HDInsightConfiguration",
        "Operational",
        "Running",
    ]
    cloud.call("DELETE", cloud.cluster_path(), CLUSTER_API)
    assert state(cloud) == "Deleting"
    cloud.jump(290)
    assert state(cloud) == "Deleting"
    cloud.jump(20)
    assert cloud.call("GET", cloud.cluster_path(), CLUSTER_API).status_code == 404


def test_the_quota_counts_heads_and_workers_only(cloud: EmulatedCloud) -> None:
    cloud.control.post("cores", json={"eastus": 16})
    cloud.make_cluster(workers=2)
    usages = f"/subscriptions/{cloud.subscription}/providers/Microsoft.HDInsight/locations/eastus/usages"
    usage = cloud.call("GET", usages, CLUSTER_API).json()["value"][0]
    assert (usage["currentValue"], usage["limit"]) == (16, 16)
    grown = cloud.call("POST", cloud.cluster_path() + "/roles/workernode/resize", CLUSTER_API, {"targetInstanceCount": 3})
    assert (grown.status_code, grown.json()["error"]["code"]) == (400, "CoresQuotaExceeded")
    cloud.finished(cloud.call("POST", cloud.cluster_path() + "/roles/workernode/resize", CLUSTER_API, {"targetInstanceCount": 1}))
    assert cloud.call("GET", usages, CLUSTER_API).json()["value"][0]["currentValue"] == 12
    key = cloud.call("POST", cloud.path("/providers/Microsoft.Storage/storageAccounts/stone/listKeys"), "2025-08-01").json()
    second = cloud.call("PUT", cloud.cluster_path("spark2"), CLUSTER_API, cloud.cluster_body(key["keys"][0]["value"]))
    assert "Required: 16, Available: 4" in second.json()["error"]["message"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"clusterVersion": "3.6"}, "InvalidClusterVersion"),
        ({"storageProfile": {"storageaccounts": []}}, "InvalidStorageProfile"),
        ({"osType": "Windows"}, "InvalidOsType"),
    ],
)
def test_an_order_that_hdinsight_would_not_take_is_refused(cloud: EmulatedCloud, change: dict[str, Any], code: str) -> None:
    cloud.make_group()
    body = cloud.cluster_body(cloud.make_account())
    body["properties"] |= change
    answer = cloud.call("PUT", cloud.cluster_path(), CLUSTER_API, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    location = f"/subscriptions/{cloud.subscription}/providers/Microsoft.HDInsight/locations/eastus/validateCreateRequest"
    errors = cloud.call("POST", location, CLUSTER_API, {**body, "name": "spark1"}).json()["validationErrors"]
    assert [error["code"] for error in errors] == [code]


def test_a_wrong_key_and_a_weak_password_are_refused(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    key = cloud.make_account()
    wrong = cloud.call("PUT", cloud.cluster_path(), CLUSTER_API, cloud.cluster_body("bm9wZQ=="))
    assert wrong.json()["error"]["code"] == "InvalidStorageAccountCredentials"
    weak = cloud.cluster_body(key)
    weak["properties"]["clusterDefinition"]["configurations"]["gateway"]["restAuthCredential.password"] = "password"
    assert cloud.call("PUT", cloud.cluster_path(), CLUSTER_API, weak).json()["error"]["code"] == "InvalidPassword"


def test_configurations_show_the_gateway_and_all_values_are_texts(cloud: EmulatedCloud) -> None:
    cloud.make_cluster()
    shown = cloud.call("POST", cloud.cluster_path() + "/configurations", CLUSTER_API).json()["configurations"]
    assert shown["gateway"]["restAuthCredential.isEnabled"] == "true"
    assert shown["core-site"]["fs.defaultFS"] == f"wasbs://cluster@stone.blob.localhost:{cloud.storage_port}"
    new = {"restAuthCredential.username": "admin", "restAuthCredential.password": "Other-password-2"}
    cloud.finished(cloud.call("POST", cloud.cluster_path() + "/updateGatewaySettings", CLUSTER_API, new))
    assert cloud.arm.backends.clusters[cloud.cluster_path().lower()]["password"] == "Other-password-2"
    assert cloud.call("GET", cloud.cluster_path() + "/extensions/azureMonitor", CLUSTER_API).status_code == 200


def test_a_script_that_cannot_be_read_fails_the_creation(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    cloud.arm.backends.broken.add("reachable")
    body = cloud.cluster_body(cloud.make_account())
    script = {"name": "bootstrap", "uri": "https://stone.blob.localhost/cluster/x.sh?sig=secret", "parameters": ""}
    body["properties"]["computeProfile"]["roles"][0]["scriptActions"] = [script]
    answer = cloud.call("PUT", cloud.cluster_path(), CLUSTER_API, body)
    assert "sig=secret" not in answer.text
    failed = cloud.finished(answer)
    assert failed["error"]["code"] == "ScriptActionDownloadFailed"
    assert "sig=secret" not in str(failed)
    assert state(cloud) == "Error"


def test_a_job_server_that_does_not_start_leaves_the_cluster_in_error(cloud: EmulatedCloud) -> None:
    cloud.arm.backends.broken.add("start_cluster")
    cloud.make_cluster()
    assert cloud.last["status"] == "Failed"
    assert state(cloud) == "Error"
    cloud.finished(cloud.call("DELETE", cloud.cluster_path(), CLUSTER_API))
    assert cloud.call("GET", cloud.cluster_path(), CLUSTER_API).status_code == 404
