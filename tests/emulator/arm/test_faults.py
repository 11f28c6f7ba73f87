from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from aerial_ops.emulator.arm.faults import Faults
from aerial_ops.emulator.arm.messages import Call
from aerial_ops.emulator.arm.store import Store
from tests.emulator.arm.cloud import CLUSTER_API, EmulatedCloud


def test_a_lost_answer_leaves_its_effect(cloud: EmulatedCloud) -> None:
    cloud.fault("lose", method="PUT")
    with pytest.raises(httpx.RemoteProtocolError):
        cloud.make_group()
    assert cloud.call("GET", cloud.path()).status_code == 200


def test_a_dropped_request_has_none(cloud: EmulatedCloud) -> None:
    cloud.fault("drop", method="PUT")
    with pytest.raises(httpx.RemoteProtocolError):
        cloud.make_group()
    assert cloud.call("GET", cloud.path()).status_code == 404


def test_throttling_says_how_long(cloud: EmulatedCloud) -> None:
    cloud.fault("throttle", times=2, path="resourceGroups/rg$", args={"retry_after": 7})
    for status in (429, 429, 404):
        answer = cloud.call("GET", cloud.path())
        assert answer.status_code == status
        assert answer.headers.get("Retry-After") == ("7" if status == 429 else None)


def test_an_error_of_any_kind(cloud: EmulatedCloud) -> None:
    cloud.fault("error", skip=1, args={"status": 503, "code": "ServerBusy", "message": "later"})
    assert cloud.call("GET", cloud.path()).status_code == 404
    answer = cloud.call("GET", cloud.path())
    assert (answer.status_code, answer.json()["error"]) == (503, {"code": "ServerBusy", "message": "later"})


def test_an_expired_token(cloud: EmulatedCloud) -> None:
    cloud.fault("expired-token")
    assert cloud.call("GET", cloud.path()).json()["error"]["code"] == "ExpiredAuthenticationToken"
    assert cloud.call("GET", cloud.path()).status_code == 404


def test_a_region_without_quota_or_capacity(cloud: EmulatedCloud) -> None:
    cloud.make_group()
    key = cloud.make_account()
    for kind, status, code in (("quota", 400, "CoresQuotaExceeded"), ("capacity", 409, "SkuNotAvailable")):
        cloud.fault(kind)
        answer = cloud.call("PUT", cloud.cluster_path(), CLUSTER_API, cloud.cluster_body(key))
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert cloud.call("GET", cloud.cluster_path(), CLUSTER_API).status_code == 404
    cloud.fault("capacity", args={"late": True})
    failed = cloud.finished(cloud.call("PUT", cloud.cluster_path(), CLUSTER_API, cloud.cluster_body(key)))
    assert failed["error"]["code"] == "SkuNotAvailable"
    assert cloud.call("GET", cloud.cluster_path(), CLUSTER_API).json()["properties"]["clusterState"] == "Error"


def test_a_slow_and_a_stuck_delete(cloud: EmulatedCloud) -> None:
    cloud.make_cluster()
    cloud.arm.options = replace(cloud.arm.options, pace=1.0)
    cloud.fault("delete-slow", path="clusters/spark1", args={"factor": 4})
    cloud.call("DELETE", cloud.cluster_path(), CLUSTER_API)
    cloud.jump(310)
    assert cloud.call("GET", cloud.cluster_path(), CLUSTER_API).status_code == 200
    cloud.jump(900)
    assert cloud.call("GET", cloud.cluster_path(), CLUSTER_API).status_code == 404
    cloud.fault("delete-stuck", path="resourceGroups/rg$")
    cloud.call("DELETE", cloud.path())
    cloud.jump(86400)
    assert cloud.call("GET", cloud.path()).json()["properties"]["provisioningState"] == "Deleting"
    assert cloud.control.delete("faults").status_code == 204
    cloud.settled()
    assert cloud.call("GET", cloud.path()).status_code == 404


def test_a_delete_that_fails_leaves_the_cluster_in_error_and_works_again(cloud: EmulatedCloud) -> None:
    cloud.make_cluster()
    cloud.fault("delete-fails", path="spark1")
    assert cloud.finished(cloud.call("DELETE", cloud.cluster_path(), CLUSTER_API))["status"] == "Failed"
    assert cloud.call("GET", cloud.cluster_path(), CLUSTER_API).json()["properties"]["clusterState"] == "Error"
    assert cloud.finished(cloud.call("DELETE", cloud.cluster_path(), CLUSTER_API))["status"] == "Succeeded"


def test_a_restart_in_the_middle_of_a_request(cloud: EmulatedCloud) -> None:
    asked: list[float] = []
    cloud.arm.restart = asked.append
    cloud.fault("restart", method="PUT", args={"down": 2, "when": "after"})
    with pytest.raises(httpx.RemoteProtocolError):
        cloud.make_group()
    assert asked == [2]
    assert cloud.call("GET", cloud.path()).status_code == 200


def test_the_seeded_schedule_draws_the_same_again() -> None:
    def drawn(seed: int) -> list[str]:
        faults = Faults(Store(":memory:"))
        faults.set_schedule({"seed": seed, "rate": 0.3, "kinds": ["throttle", "lose", "drop", "create-fails"], "limit": 20})
        call = Call("PUT", "/subscriptions/x", {}, {}, b"", "")
        met = [faults.for_request(call) for _ in range(60)]
        assert faults.for_request(Call("GET", "/subscriptions/x", {}, {}, b"", "")) is None
        return [fault.kind if fault else "" for fault in met] + [fault.kind for fault in faults.all()]

    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8)
    assert {"throttle", "lose", "drop", "create-fails"} <= set(drawn(7))


def test_a_fault_that_is_none_is_refused(cloud: EmulatedCloud) -> None:
    assert cloud.control.post("faults", json={"kind": "earthquake"}).status_code == 400


def test_everything_survives_a_kill_in_the_middle_of_a_creation(make_cloud: Callable[..., Any]) -> None:
    cloud = make_cloud(pace=1000.0)
    cloud.make_group()
    key = cloud.make_account()
    answer = cloud.call("PUT", cloud.cluster_path(), CLUSTER_API, cloud.cluster_body(key))
    cloud.fault("throttle", path="nowhere")
    cloud.down()
    cloud.up()
    assert cloud.finished(answer)["status"] == "Succeeded"
    assert cloud.call("GET", cloud.cluster_path(), CLUSTER_API).json()["properties"]["clusterState"] == "Running"
    assert len(cloud.control.get("faults").json()["faults"]) == 1
    cloud.down()
    cloud.up()
    cloud.settled()
    assert cloud.call("GET", cloud.cluster_path(), CLUSTER_API).json()["properties"]["clusterState"] == "Running"
