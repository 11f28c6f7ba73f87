"""The activity log: what happened to clusters and groups, also after they are gone."""

from datetime import UTC, datetime

from azure.mgmt.monitor import MonitorManagementClient
from azure.mgmt.monitor.models import EventData

from tests.emulator.arm.cloud import CLUSTER_API, EmulatedCloud

PATH = "/providers/Microsoft.Insights/eventtypes/management/values"
LONG_AGO = "eventTimestamp ge '2020-01-01T00:00:00Z'"


def read(cloud: EmulatedCloud, filter: str) -> list[tuple[str, str, EventData]]:
    """Action, status and the whole of each event, as the SDK reads them."""
    client: MonitorManagementClient = cloud.sdk(MonitorManagementClient)
    found = []
    for event in client.activity_logs.list(filter):
        assert event.operation_name and event.operation_name.value and event.status and event.status.value
        found.append((event.operation_name.value, event.status.value, event))
    return found


def events(cloud: EmulatedCloud, filter: str) -> list[tuple[str, str]]:
    return [(action.rsplit("/", 1)[-1], status) for action, status, _ in read(cloud, filter)]


def moment(event: EventData) -> datetime:
    assert event.event_timestamp is not None
    return event.event_timestamp.replace(tzinfo=UTC)


def test_a_clusters_life_is_told_after_its_group_is_gone(cloud: EmulatedCloud) -> None:
    cloud.make_cluster()
    cloud.finished(cloud.call("POST", cloud.cluster_path() + "/roles/workernode/resize", CLUSTER_API, {"targetInstanceCount": 3}))
    cloud.finished(cloud.call("DELETE", cloud.path()))
    group = cloud.path().rsplit("/", 1)[-1]
    found = read(cloud, f"{LONG_AGO} and resourceGroupName eq '{group}'")
    moments = [moment(event) for *_, event in found]
    assert moments == sorted(moments, reverse=True)
    ours = [one for one in reversed(found) if str(one[2].resource_id).lower() == cloud.cluster_path().lower()]
    assert [(action, status) for action, status, _ in ours if status in ("Accepted", "Succeeded")] == [
        (f"Microsoft.HDInsight/clusters/{action}", status)
        for action in ("write", "roles/resize/action", "delete")
        for status in ("Accepted", "Succeeded")
    ]
    (bill,) = cloud.control.get("meter").json()["clusters"]
    assert abs(moment(ours[-1][2]).timestamp() - bill["ended"]) < 0.2
    assert found[0][0] == "Microsoft.Resources/subscriptions/resourceGroups/delete"
    assert len({event.event_data_id for *_, event in found}) == len(found)


def test_the_filter_chooses_by_time_group_resource_and_request(cloud: EmulatedCloud) -> None:
    cloud.make_cluster()
    assert events(cloud, f"{LONG_AGO} and resourceGroupName eq 'another'") == []
    assert events(cloud, f"{LONG_AGO} and eventTimestamp le '2020-02-01T00:00:00Z'") == []
    assert events(cloud, "eventTimestamp ge '2100-01-01T00:00:00Z'") == []
    assert len(events(cloud, f"{LONG_AGO} and resourceUri eq '{cloud.cluster_path()}'")) == 3
    assert len(events(cloud, f"{LONG_AGO} and resourceProvider eq 'Microsoft.HDInsight'")) == 3
    one = read(cloud, LONG_AGO)[0][2]
    assert len(events(cloud, f"{LONG_AGO} and correlationId eq '{one.correlation_id}'")) == 3


def test_other_filters_are_refused(cloud: EmulatedCloud) -> None:
    for filter in ("", "resourceGroupName eq 'g'", f"{LONG_AGO} or resourceGroupName eq 'g'", f"{LONG_AGO} and level eq 'Error'"):
        answer = cloud.call("GET", f"/subscriptions/{cloud.subscription}{PATH}", "2015-04-01", **{"$filter": filter})
        assert answer.status_code == 400, filter


def test_a_creation_that_fails_is_an_error_in_the_log(cloud: EmulatedCloud) -> None:
    cloud.fault("create-fails")
    cloud.make_cluster()
    assert events(cloud, f"{LONG_AGO} and resourceUri eq '{cloud.cluster_path()}'")[0] == ("write", "Failed")


def test_the_log_needs_the_right_to_read_it(cloud: EmulatedCloud) -> None:
    app = cloud.control.post("principals", json={"role": "Storage Account Contributor"}).json()
    cloud.http.headers["Authorization"] = (
        f"Bearer {cloud.token(client_id=app['client_id'], client_secret=app['secret']).json()['access_token']}"
    )
    answer = cloud.http.get(
        f"/subscriptions/{cloud.subscription}{PATH}", params={"api-version": "2015-04-01", "$filter": LONG_AGO}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "AuthorizationFailed")
