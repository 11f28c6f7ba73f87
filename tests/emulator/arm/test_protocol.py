"""What every ARM request has in common: versions, errors, pages, lists, operations."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.emulator.arm.cloud import CLUSTER_API, STORAGE_API, EmulatedCloud


@pytest.mark.parametrize(
    ("query", "code"),
    [("", "MissingApiVersionParameter"), ("1999-01-01", "InvalidApiVersionParameter"), ("soon", "InvalidApiVersionParameter")],
)
@pytest.mark.parametrize("tail", ["", "/providers/Microsoft.HDInsight/clusters/x"])
def test_api_versions_are_checked(cloud: EmulatedCloud, query: str, code: str, tail: str) -> None:
    answer = cloud.http.get(cloud.path(tail), params={"api-version": query} if query else {})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_each_provider_has_versions_of_its_own(cloud: EmulatedCloud) -> None:
    answer = cloud.call("GET", cloud.cluster_path(), STORAGE_API)
    assert "The supported versions are '2021-06-01'" in answer.json()["error"]["message"]


def test_errors_as_arm_words_them(cloud: EmulatedCloud) -> None:
    def error(method: str, path: str, api: str = "2023-07-01", body: object = None) -> tuple[int, str]:
        answer = cloud.call(method, path, api, body)
        return answer.status_code, answer.json()["error"]["code"]

    assert error("GET", cloud.path()) == (404, "ResourceGroupNotFound")
    assert error("GET", cloud.cluster_path(), CLUSTER_API) == (404, "ResourceGroupNotFound")
    cloud.make_group()
    assert error("GET", cloud.cluster_path(), CLUSTER_API) == (404, "ResourceNotFound")
    assert error("GET", cloud.path("/providers/Microsoft.HDInsight/planets/x"), CLUSTER_API) == (404, "InvalidResourceType")
    assert error("POST", cloud.path()) == (405, "MethodNotAllowed")
    assert error("PUT", cloud.path(), body={"tags": {}}) == (400, "LocationRequired")
    assert error("PUT", cloud.path(), body={"location": "atlantis"}) == (400, "LocationNotAvailableForResourceType")
    assert error("PUT", cloud.path(), body={"location": "westus"}) == (409, "InvalidResourceGroupLocation")
    assert error("GET", "/subscriptions/not-a-guid") == (400, "InvalidSubscriptionId")
    assert error("GET", "/subscriptions/00000000-0000-0000-0000-000000000000") == (404, "SubscriptionNotFound")
    wrong = cloud.http.put(cloud.path(), params={"api-version": "2023-07-01"}, content=b"not json")
    assert wrong.json()["error"]["code"] == "InvalidRequestContent"


def test_every_answer_carries_the_request_id_and_the_emulated_date(cloud: EmulatedCloud) -> None:
    answer = cloud.http.get(cloud.path(), params={"api-version": "2023-07-01"}, headers={"x-ms-client-request-id": "mine"})
    assert answer.headers["x-ms-request-id"] and answer.headers["x-ms-correlation-request-id"]
    assert answer.headers["x-ms-client-request-id"] == "mine"
    cloud.jump(86400 * 400)
    later = cloud.http.get(cloud.path(), params={"api-version": "2023-07-01"})
    assert int(later.headers["Date"].split()[3]) > int(answer.headers["Date"].split()[3])


def test_lists_come_in_pages_and_filter_by_tag(cloud: EmulatedCloud) -> None:
    cloud.make_group(owner="me")
    for number in range(5):
        path = cloud.path(f"/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id{number}")
        tags = {"Owner": "me" if number < 4 else "you"}
        assert cloud.call("PUT", path, "2024-11-30", {"location": "eastus", "tags": tags}).status_code == 201
    query = {"$filter": "tagName eq 'owner' and tagValue eq 'me'", "$top": "3", "$expand": "provisioningState"}
    first = cloud.call("GET", f"/subscriptions/{cloud.subscription}/resources", **query).json()
    assert [item["name"] for item in first["value"]] == ["id0", "id1", "id2"]
    assert first["value"][0]["provisioningState"] == "Succeeded"
    second = cloud.http.get(first["nextLink"]).json()
    assert [item["name"] for item in second["value"]] == ["id3"] and "nextLink" not in second
    groups = f"/subscriptions/{cloud.subscription}/resourceGroups"
    assert len(cloud.call("GET", groups, **{"$filter": "tagName eq 'owner'"}).json()["value"]) == 1
    assert cloud.call("GET", groups, **{"$filter": "tagName eq 'owner' and tagValue eq 'you'"}).json()["value"] == []
    wrong = cloud.call("GET", cloud.path("/resources"), **{"$filter": "resourceType is 'x'"})
    assert wrong.json()["error"]["code"] == "InvalidFilterInQueryString"


def test_a_group_goes_with_everything_in_it(cloud: EmulatedCloud) -> None:
    cloud.make_cluster()
    gone = cloud.call("DELETE", cloud.path())
    assert gone.status_code == 202
    cloud.finished(gone)
    assert cloud.call("GET", cloud.path()).status_code == 404
    cloud.settled()
    assert (cloud.arm.backends.storage, cloud.arm.backends.clusters) == ({}, {})
    kinds = {resource["kind"] for resource in cloud.control.get("state").json()["resources"]}
    assert kinds == {"Microsoft.Authorization/roleAssignments"}


def test_a_group_waits_for_a_cluster_that_is_being_created(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    key = cloud.make_account()
    cloud.arm.options = replace(cloud.arm.options, pace=1.0)
    cloud.call("PUT", cloud.cluster_path(), CLUSTER_API, cloud.cluster_body(key))
    gone = cloud.call("DELETE", cloud.path())
    cloud.jump(600)
    assert cloud.call("GET", cloud.path()).json()["properties"]["provisioningState"] == "Deleting"
    refused = cloud.call("PUT", cloud.path("/providers/Microsoft.HDInsight/clusters/other"), CLUSTER_API, cloud.cluster_body(key))
    assert refused.json()["error"]["code"] == "ResourceGroupBeingDeleted"
    for _ in range(6):
        cloud.jump(300)
    assert cloud.call("GET", cloud.path()).status_code == 404
    cloud.finished(gone)


def test_a_lock_holds_a_group(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    lock = cloud.path("/providers/Microsoft.Authorization/locks/keep")
    assert cloud.call("PUT", lock, "2020-05-01", {"properties": {"level": "CanNotDelete", "notes": ""}}).status_code == 201
    refused = cloud.call("DELETE", cloud.path())
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "ScopeLocked")
    assert cloud.call("DELETE", lock, "2020-05-01").status_code == 200
    assert cloud.call("DELETE", cloud.path()).status_code == 202


def test_a_provider_that_is_not_registered_refuses(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    provider = f"/subscriptions/{cloud.subscription}/providers/Microsoft.HDInsight"
    cloud.call("POST", provider + "/unregister")
    answer = cloud.call("GET", cloud.cluster_path(), CLUSTER_API)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "MissingSubscriptionRegistration")
    assert cloud.call("POST", provider + "/register").json()["registrationState"] == "Registered"
    assert cloud.call("GET", cloud.cluster_path(), CLUSTER_API).status_code == 404


def test_an_account_name_is_unique_in_the_whole_cloud(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    cloud.make_account()
    cloud.call("PUT", f"/subscriptions/{cloud.subscription}/resourceGroups/two", body={"location": "eastus"})
    path = f"/subscriptions/{cloud.subscription}/resourceGroups/two/providers/Microsoft.Storage/storageAccounts/stone"
    taken = cloud.call("PUT", path, STORAGE_API, {"location": "eastus", "sku": {"name": "Standard_LRS"}})
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "StorageAccountAlreadyTaken")
    bad = cloud.call("PUT", path[:-5] + "NO", STORAGE_API, {"location": "eastus", "sku": {"name": "Standard_LRS"}})
    assert bad.json()["error"]["code"] == "AccountNameInvalid"


def test_conditions(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    path = cloud.path("/providers/Microsoft.Consumption/budgets/limit")
    body = {"properties": {"amount": 1, "timePeriod": {"startDate": "2026-11-01T00:00:00Z"}}}
    query = {"api-version": "2019-10-01"}
    etag = cloud.http.put(path, params=query, json=body, headers={"If-None-Match": "*"}).json()["eTag"]
    for headers, status in (({"If-None-Match": "*"}, 412), ({"If-Match": '"old"'}, 412), ({"If-Match": etag}, 200)):
        answer = cloud.http.put(path, params=query, json=body, headers=headers)
        assert answer.status_code == status
        assert status == 200 or answer.json()["error"]["code"] == "PreconditionFailed"


def test_head_tells_whether_a_resource_exists(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    cloud.make_account()
    path = cloud.path("/providers/Microsoft.Storage/storageAccounts/")
    assert cloud.call("HEAD", path + "stone", STORAGE_API).status_code == 204
    assert cloud.call("HEAD", path + "sand", STORAGE_API).status_code == 404


def test_an_account_whose_group_goes_while_it_is_being_made_leaves_nothing(cloud: EmulatedCloud) -> None:
    started, go = threading.Event(), threading.Event()
    start = cloud.arm.backends.start_storage

    def slow(account: str, keys: tuple[str, str]) -> None:
        started.set()
        go.wait(20)
        start(account, keys)

    cloud.arm.backends.start_storage = slow  # type: ignore[method-assign]
    cloud.make_group()
    body = {"location": "eastus", "sku": {"name": "Standard_LRS"}}
    cloud.call("PUT", cloud.path("/providers/Microsoft.Storage/storageAccounts/stone"), STORAGE_API, body)
    started.wait(20)
    cloud.finished(cloud.call("DELETE", cloud.path()))
    go.set()
    cloud.settled()
    assert cloud.arm.backends.storage == {}


def test_many_clients_at_once(cloud: EmulatedCloud) -> None:
    def lifecycle(number: int) -> int:
        group = f"/subscriptions/{cloud.subscription}/resourceGroups/rg{number}"
        account = f"{group}/providers/Microsoft.Storage/storageAccounts/stone{number}"
        statuses = [cloud.call("PUT", group, body={"location": "eastus"}).status_code]
        cloud.finished(cloud.call("PUT", account, STORAGE_API, {"location": "eastus", "sku": {"name": "Standard_LRS"}}))
        for name in ("train", "test"):
            statuses.append(cloud.call("PUT", f"{account}/blobServices/default/containers/{name}", STORAGE_API, {}).status_code)
        cloud.finished(cloud.call("DELETE", group))
        return sum(status != 201 for status in statuses)

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(lifecycle, range(36))) == 0
    cloud.settled()
    assert cloud.arm.backends.storage == {}
    assert all(operation["status"] == "Succeeded" for operation in cloud.control.get("state").json()["operations"].values())
