"""What exists runs again: told by the call that `aerial-ops emulator start` makes."""

from typing import Any

from aerial_ops.emulator.arm.backends import RecordOnly
from tests.emulator.arm.cloud import EmulatedCloud


def recover(cloud: EmulatedCloud) -> dict[str, str]:
    answer = cloud.control.post("recover")
    assert answer.status_code == 200, answer.text
    failed: dict[str, str] = answer.json()["failed"]
    return failed


def test_what_has_died_runs_again_when_it_answers(cloud: EmulatedCloud) -> None:
    cloud.make_cluster()
    backends = cloud.arm.backends
    assert isinstance(backends, RecordOnly)
    before: Any = (backends.storage, backends.clusters)
    cluster = next(iter(backends.clusters))
    backends.stop_cluster(cluster)
    backends.stop_storage("stone")
    assert recover(cloud) == {}
    assert (set(backends.storage), backends.clusters) == (set(before[0]), before[1])


def test_what_does_not_is_told_until_it_does_or_is_gone(cloud: EmulatedCloud) -> None:
    cloud.make_cluster()
    backends = cloud.arm.backends
    assert isinstance(backends, RecordOnly)
    backends.broken = {"start_cluster"}
    assert recover(cloud) == {cloud.cluster_path().lower(): "start_cluster was told to fail."}
    cloud.down()
    cloud.up()
    assert isinstance(cloud.arm.backends, RecordOnly)
    assert recover(cloud) == {}
    cloud.arm.backends.broken = {"start_storage", "start_cluster"}
    assert len(recover(cloud)) == 2
    cloud.finished(cloud.call("DELETE", cloud.path()))
    assert recover(cloud) == {}
