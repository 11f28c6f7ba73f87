from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.emulator.arm.cloud import AUTOMATION_API, CLUSTER_API, EmulatedCloud

ACCOUNT = "/providers/Microsoft.Automation/automationAccounts/guard"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"


def after(cloud: EmulatedCloud, seconds: float) -> str:
    return (cloud.arm.clock.moment() + timedelta(seconds=seconds)).astimezone(UTC).isoformat(timespec="seconds")


def put(cloud: EmulatedCloud, tail: str, body: dict[str, Any]) -> Any:
    return cloud.call("PUT", cloud.path(ACCOUNT + tail), AUTOMATION_API, body)


def schedule(cloud: EmulatedCloud, seconds: float) -> Any:
    moment = after(cloud, seconds)
    once = {"frequency": "OneTime", "startTime": moment, "expiryTime": moment, "timeZone": "Etc/UTC"}
    return put(cloud, "/schedules/deadline", {"name": "deadline", "properties": once})


def arm_switch(cloud: EmulatedCloud, *, role: str = CONTRIBUTOR, publish: bool = True) -> dict[str, Any]:
    """Make the dead man's switch as Terraform does; gives the Automation account."""
    account = put(
        cloud, "", {"location": "eastus", "identity": {"type": "SystemAssigned"}, "properties": {"sku": {"name": "Basic"}}}
    )
    assert account.status_code == 201
    if role:
        path = cloud.path("/providers/Microsoft.Authorization/roleAssignments/11111111-2222-3333-4444-555555555555")
        definition = f"/subscriptions/{cloud.subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"
        given = {"roleDefinitionId": definition, "principalId": account.json()["identity"]["principalId"]}
        assert cloud.call("PUT", path, "2022-04-01", {"properties": given}).status_code == 201
    put(cloud, "/runbooks/expire", {"location": "eastus", "properties": {"runbookType": "PowerShell72", "draft": {}}})
    if publish:
        draft = cloud.http.put(
            cloud.path(ACCOUNT + "/runbooks/expire/draft/content"),
            params={"api-version": AUTOMATION_API},
            content=b"Remove-AzResourceGroup -Name rg -Force",
            headers={"Content-Type": "text/powershell"},
        )
        assert draft.status_code == 202
        cloud.finished(draft)
        cloud.finished(cloud.call("POST", cloud.path(ACCOUNT + "/runbooks/expire/publish"), AUTOMATION_API))
    assert schedule(cloud, 7200).status_code == 201
    link = {"schedule": {"name": "deadline"}, "runbook": {"name": "expire"}, "parameters": {"resourcegroup": "rg"}}
    linked = put(cloud, "/jobSchedules/99999999-2222-3333-4444-555555555555", {"properties": link})
    assert linked.status_code == (201 if publish else 404)
    return dict(account.json())


def test_the_deadline_deletes_the_cluster_and_the_group(cloud: EmulatedCloud) -> None:
    cloud.make_cluster()
    arm_switch(cloud)
    cloud.jump(7100)
    assert cloud.call("GET", cloud.path()).json()["properties"]["provisioningState"] == "Succeeded"
    cloud.jump(200)
    for _ in range(20):
        cloud.jump(60)
    assert cloud.call("GET", cloud.path()).status_code == 404
    (job,) = cloud.control.get("jobs").json()["jobs"]
    assert (job["properties"]["status"], job["properties"]["exception"]) == ("Completed", None)
    assert [bill["ended"] is not None for bill in cloud.control.get("meter").json()["clusters"]] == [True]


def test_without_a_role_the_runbook_fails_and_nothing_is_deleted(cloud: EmulatedCloud) -> None:
    cloud.make_cluster()
    account = arm_switch(cloud, role="")
    cloud.jump(7300)
    cloud.settled()
    jobs = cloud.call("GET", cloud.path(ACCOUNT + "/jobs"), AUTOMATION_API).json()["value"]
    assert [job["properties"]["status"] for job in jobs] == ["Failed"]
    assert "AuthorizationFailed" in jobs[0]["properties"]["exception"]
    assert account["identity"]["principalId"] in jobs[0]["properties"]["exception"]
    assert cloud.call("GET", cloud.cluster_path(), CLUSTER_API).json()["properties"]["clusterState"] == "Running"


def test_a_custom_role_that_allows_only_the_deletes_is_enough(cloud: EmulatedCloud) -> None:
    cloud.make_cluster()
    role = "77777777-2222-3333-4444-555555555555"
    path = f"/subscriptions/{cloud.subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    kinds = ("Microsoft.HDInsight/clusters", "Microsoft.Resources/subscriptions/resourceGroups")
    actions = [f"{kind}/{verb}" for kind in kinds for verb in ("read", "delete")]
    body = {"roleName": "Reaper", "assignableScopes": [cloud.path()], "permissions": [{"actions": actions, "notActions": []}]}
    assert cloud.call("PUT", path, "2022-04-01", {"properties": body}).status_code == 201
    arm_switch(cloud, role=role)
    for _ in range(25):
        cloud.jump(300)
    assert cloud.call("GET", cloud.path()).status_code == 404


def test_what_the_identity_may_not_read_is_not_there_for_it(cloud: EmulatedCloud) -> None:
    cloud.make_cluster()
    arm_switch(cloud, role="f353d9bd-d4a6-484e-a77a-8050b599b867")  # Automation Contributor: may read groups only
    for _ in range(50):
        cloud.jump(300)
    (job,) = cloud.call("GET", cloud.path(ACCOUNT + "/jobs"), AUTOMATION_API).json()["value"]
    assert job["properties"]["status"] == "Failed"
    assert "resourceGroups/delete" in job["properties"]["exception"]
    output = cloud.call("GET", cloud.path(f"{ACCOUNT}/jobs/{job['name']}/output"), AUTOMATION_API).text
    assert output.count("WARNING") == 31 and "spark1" not in output


def test_a_schedule_that_is_switched_off_does_not_fire(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    arm_switch(cloud)
    off = {"properties": {"isEnabled": False}}
    assert cloud.call("PATCH", cloud.path(ACCOUNT + "/schedules/deadline"), AUTOMATION_API, off).status_code == 200
    cloud.jump(7300)
    assert cloud.call("GET", cloud.path(ACCOUNT + "/jobs"), AUTOMATION_API).json()["value"] == []
    assert cloud.call("GET", cloud.path()).status_code == 200


def test_an_unpublished_runbook_cannot_be_linked(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    arm_switch(cloud, publish=False)
    cloud.jump(7300)
    assert cloud.call("GET", cloud.path()).status_code == 200


def test_a_removed_runbook_takes_its_link_along(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    arm_switch(cloud)
    links = cloud.path(ACCOUNT + "/jobSchedules")
    assert (
        len(cloud.call("GET", links, AUTOMATION_API, **{"$filter": "properties/runbook/name eq 'expire'"}).json()["value"]) == 1
    )
    cloud.call("DELETE", cloud.path(ACCOUNT + "/runbooks/expire"), AUTOMATION_API)
    assert cloud.call("GET", links, AUTOMATION_API).json()["value"] == []
    cloud.jump(7300)
    assert cloud.call("GET", cloud.path()).status_code == 200


def test_extending_moves_the_deadline(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    arm_switch(cloud)
    cloud.jump(7000)
    assert schedule(cloud, 7200).status_code == 200
    cloud.jump(7000)
    assert cloud.call("GET", cloud.path()).json()["properties"]["provisioningState"] == "Succeeded"
    cloud.jump(300)
    cloud.settled()
    assert cloud.call("GET", cloud.path()).status_code == 404


def test_a_deadline_too_near_or_that_ends_before_it_starts_is_refused(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    arm_switch(cloud)
    assert schedule(cloud, 200).json()["error"]["code"] == "BadRequest"
    once = {"frequency": "OneTime", "startTime": after(cloud, 9000), "expiryTime": after(cloud, 8000)}
    assert put(cloud, "/schedules/deadline", {"properties": once}).status_code == 400
    shown = cloud.call("GET", cloud.path(ACCOUNT + "/schedules/deadline"), AUTOMATION_API).json()["properties"]
    assert datetime.fromisoformat(shown["startTime"]) < datetime.fromisoformat(after(cloud, 8000))


def test_a_deadline_that_came_while_the_emulator_was_down_fires_when_it_is_back(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    arm_switch(cloud)
    cloud.down()
    cloud.up()
    cloud.arm.clock.jump(8000)
    cloud.arm.worker.wake()
    cloud.settled()
    cloud.settled()
    assert cloud.call("GET", cloud.path()).status_code == 404


def test_a_lock_stops_the_runbook_and_the_job_says_so(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    arm_switch(cloud)
    lock = cloud.path("/providers/Microsoft.Authorization/locks/keep")
    cloud.call("PUT", lock, "2020-05-01", {"properties": {"level": "CanNotDelete"}})
    cloud.jump(7300)
    cloud.settled()
    for _ in range(40):
        cloud.jump(60)
    (job,) = cloud.call("GET", cloud.path(ACCOUNT + "/jobs"), AUTOMATION_API).json()["value"]
    assert "ScopeLocked" in job["properties"]["exception"]
    assert cloud.call("GET", cloud.path()).status_code == 200


def test_a_lock_that_is_lifted_in_time_does_not_save_the_group(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    lock = cloud.path("/providers/Microsoft.Authorization/locks/keep")
    arm_switch(cloud)
    cloud.call("PUT", lock, "2020-05-01", {"properties": {"level": "CanNotDelete"}})
    cloud.arm.options = replace(cloud.arm.options, pace=1.0)
    cloud.jump(7300)
    cloud.jump(300)
    assert cloud.call("GET", cloud.path()).json()["properties"]["provisioningState"] == "Succeeded"
    cloud.call("DELETE", lock, "2020-05-01")
    for _ in range(3):
        cloud.jump(60)
    assert cloud.call("GET", cloud.path()).status_code == 404
