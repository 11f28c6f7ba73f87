from dataclasses import replace

import pytest

from aerial_ops.clouds.base import ArmEndpoint
from aerial_ops.errors import InfrastructureError
from aerial_ops.infrastructure.control_plane import ControlPlane
from tests.emulator.arm.cloud import CLUSTER_API, EmulatedCloud

TAG = {"aerial-ops:environment": "trial"}


def make_cluster(cloud: EmulatedCloud, key: str) -> None:
    answer = cloud.call("PUT", cloud.cluster_path(), CLUSTER_API, {**cloud.cluster_body(key), "tags": TAG})
    assert answer.status_code == 200, answer.text


def test_the_sign_in_is_shown_by_the_subscription(plane: ControlPlane) -> None:
    assert plane.signed_in_as()


def test_a_wrong_secret_is_explained(arm: ArmEndpoint, cloud: EmulatedCloud) -> None:
    wrong = replace(arm, credential=cloud.credential(secret="wrong"))
    with pytest.raises(InfrastructureError, match="did not accept the sign-in") as caught:
        ControlPlane(wrong).signed_in_as()
    assert "aerial-ops doctor" in caught.value.suggestion
    assert "wrong" not in caught.value.message.split("sign-in")[0]


def test_the_inventory_is_what_carries_the_tag(plane: ControlPlane, cloud: EmulatedCloud) -> None:
    assert plane.inventory("trial") == []
    cloud.make_group(**TAG)
    key = cloud.make_account()
    make_cluster(cloud, key)
    cloud.settled()
    assert [(one.type, one.name) for one in plane.inventory("trial")] == [
        ("group", "rg"),
        ("Microsoft.HDInsight/clusters", "spark1"),
    ]
    assert plane.inventory("other") == []
    assert [one.name for one in plane.strangers("rg", "trial")] == ["stone"]
    assert plane.strangers("nowhere", "trial") == []


def test_cluster_facts(plane: ControlPlane, cloud: EmulatedCloud) -> None:
    cloud.make_group(**TAG)
    make_cluster(cloud, cloud.make_account())
    cloud.settled()
    facts = plane.cluster("rg", "spark1")
    assert facts is not None
    assert (facts.state, facts.sizes["headnode"]) == ("Running", "Standard_D12_V2")
    assert facts.workers > 0
    assert facts.created_at is not None
    assert plane.clusters("rg") == [facts]
    assert plane.cluster("rg", "other") is None
    assert plane.clusters("nowhere") == []


def test_quota_and_names(plane: ControlPlane, cloud: EmulatedCloud) -> None:
    assert plane.cores("eastus") == (0, 300)
    assert plane.storage_name_problem("stone2") == ""
    cloud.make_group()
    cloud.make_account("stone")
    assert "taken" in plane.storage_name_problem("stone")


def test_a_group_is_deleted_with_what_is_in_it(plane: ControlPlane, cloud: EmulatedCloud) -> None:
    cloud.make_group(**TAG)
    make_cluster(cloud, cloud.make_account())
    cloud.settled()
    cluster = next(one for one in plane.inventory("trial") if one.name == "spark1")
    plane.delete(cluster)
    assert plane.cluster("rg", "spark1") is None
    group = plane.group("rg")
    assert group is not None
    plane.delete(group)
    assert plane.group("rg") is None
    plane.delete(group)  # again: nothing to do
    plane.delete(cluster)


def test_azures_refusal_is_told_in_its_own_words(plane: ControlPlane, cloud: EmulatedCloud) -> None:
    cloud.fault(
        "error", path=".*resourceGroups/rg$", args={"status": 403, "code": "AuthorizationFailed", "message": "You may not."}
    )
    with pytest.raises(InfrastructureError, match=r"AuthorizationFailed.*You may not"):
        plane.group("rg")


def test_throttling_is_waited_out(plane: ControlPlane, cloud: EmulatedCloud) -> None:
    cloud.fault("throttle", path=".*", times=1, args={"retry_after": 1})
    assert plane.group("rg") is None
