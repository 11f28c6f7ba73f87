"""A deletion that Azure has given up is told from one that goes on, and `down` does not wait for it."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from aerial_ops.errors import InfrastructureError, LeftBehindError
from aerial_ops.infrastructure import deletion as module
from aerial_ops.infrastructure.deletion import Deletion
from aerial_ops.infrastructure.down import DownOrder, down
from aerial_ops.infrastructure.facts import ClusterFacts
from aerial_ops.infrastructure.up import UpOrder, up
from tests.infrastructure.town import Town
from tests.notes import Notes

RUNNING = ClusterFacts("/c", "spark", "Running", 2, {}, None, (), "Succeeded")
GOING = replace(RUNNING, state="Deleting", provisioning="Deleting")
BROKEN = replace(RUNNING, state="Error", provisioning="Failed", errors=("Internal: No.",))

Look = Callable[[ClusterFacts | None], str]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Each look is 20 seconds after the one before."""
    now = [0.0]
    monkeypatch.setattr("aerial_ops.infrastructure.deletion.time.monotonic", lambda: now[0])
    yield now


def looks(clock: list[float], before: ClusterFacts, *seen: ClusterFacts | Exception | None) -> list[str]:
    told, left = [], list(seen)

    def look() -> ClusterFacts | None:
        clock[0] += 20
        found = left.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    deletion = Deletion("cluster spark", look, looked_failed=before.has_failed)
    while left:
        told.append(deletion.in_vain())
    return told


def test_a_cluster_that_is_back_in_error_for_long_enough_is_told(clock: list[float]) -> None:
    assert looks(clock, RUNNING, RUNNING, GOING, BROKEN, BROKEN) == [""] * 4
    assert looks(clock, RUNNING, GOING, BROKEN, BROKEN, BROKEN)[-1] == "Azure could not delete the cluster spark (Internal: No.)."
    assert looks(clock, RUNNING, BROKEN, BROKEN, BROKEN)[-1]  # a deletion that failed between two looks


def test_a_cluster_that_is_being_deleted_is_waited_for(clock: list[float]) -> None:
    assert not any(looks(clock, RUNNING, *[GOING] * 20, None))
    assert not any(looks(clock, RUNNING, BROKEN, GOING, BROKEN, BROKEN, GOING, None))  # it is tried again
    changing = replace(BROKEN, provisioning="InProgress")
    assert not any(looks(clock, RUNNING, *[changing] * 20))


def test_one_that_was_in_error_before_must_have_been_seen_going(clock: list[float]) -> None:
    assert not any(looks(clock, BROKEN, *[BROKEN] * 20))
    assert not any(looks(clock, BROKEN, BROKEN, *[GOING] * 20, None))
    assert looks(clock, BROKEN, BROKEN, GOING, BROKEN, BROKEN, BROKEN)[-1]


def test_no_answer_is_no_proof(clock: list[float]) -> None:
    away = InfrastructureError("Azure did not answer.")
    assert not any(looks(clock, RUNNING, GOING, BROKEN, away, BROKEN, away, away, away))


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SURE_SECONDS", 0.5)
    monkeypatch.setattr("aerial_ops.infrastructure.terraform.process.LOOK_SECONDS", 0.1)
    monkeypatch.setattr("aerial_ops.infrastructure.terraform.process.SHORT_GRACE_SECONDS", 0.5)


@pytest.mark.slow
@pytest.mark.timeout(240)  # Terraform itself would wait for 25 minutes
def test_down_goes_on_by_tags_when_azure_gives_a_deletion_up(town: Town, hurried: None) -> None:
    notes = Notes()
    site = town.site(report=notes)
    up(site, UpOrder())
    town.fault("delete-fails", times=0, path="Microsoft.HDInsight/clusters/")
    with pytest.raises(LeftBehindError, match="still exists"):
        down(site, DownOrder(keep_data=True))
    assert sum("Azure could not delete the cluster" in note for note in notes.notes) == 2  # why it was stopped, what came of it
    assert sum("found by its tag" in note for note in notes.notes) == 1
    assert not (site.environment.folder / "compute" / ".terraform.tfstate.lock.info").exists()
    assert any("cluster" in address for address in site.layer("compute").resources())
    town.no_faults()
    assert down(site, DownOrder(keep_data=True)).usd > 0
    assert town.clusters() == []
    up(site, UpOrder())  # the state was kept, and the plan sees what is gone
    assert len(town.clusters()) == 1
    down(site)
    assert town.names() == []


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_down_goes_on_by_tags_when_azure_gives_the_group_up(town: Town, hurried: None) -> None:
    notes = Notes()
    site = town.site(report=notes)
    up(site, UpOrder(data_only=True))
    group = "resourceGroups/aerial-ops-trial$"
    town.fault("delete-slow", path=group, args={"factor": 500})  # 1.5 s: long enough to be seen
    town.fault("delete-fails", path=group)
    down(site)
    assert any(note.startswith("Azure could not delete the group aerial-ops-trial. Terraform") for note in notes.notes)
    assert town.names() == []
