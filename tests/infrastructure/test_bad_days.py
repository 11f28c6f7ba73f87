"""What goes wrong while environments are made and removed: whatever it was, one `down` leaves nothing."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from aerial_ops.errors import AerialOpsError, InfrastructureError, LeftBehindError, RefusedError
from aerial_ops.infrastructure.approval import Proposal
from aerial_ops.infrastructure.changes import extend, scale
from aerial_ops.infrastructure.control_plane import ControlPlane
from aerial_ops.infrastructure.down import DownOrder, down
from aerial_ops.infrastructure.status import status
from aerial_ops.infrastructure.terraform import Plan
from aerial_ops.infrastructure.up import UpOrder, up
from tests.infrastructure.town import Town

pytestmark = pytest.mark.slow

CLUSTER = ".*/Microsoft.HDInsight/clusters/[^/]*$"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aerial_ops.infrastructure.removal.PROOF_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr("aerial_ops.infrastructure.removal.PROOF_SECONDS", 3.0)
    monkeypatch.setattr("aerial_ops.infrastructure.control_plane.LONGEST_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr("aerial_ops.infrastructure.control_plane.DELETE_PATIENCE_SECONDS", 1.0)
    monkeypatch.setattr("aerial_ops.infrastructure.deletion.SURE_SECONDS", 0.5)
    monkeypatch.setattr("aerial_ops.infrastructure.terraform.process.LOOK_SECONDS", 0.1)
    monkeypatch.setattr("aerial_ops.infrastructure.terraform.process.SHORT_GRACE_SECONDS", 0.5)
    monkeypatch.setattr("aerial_ops.infrastructure.terraform.process.GRACE_SECONDS", 1.0)
    monkeypatch.setattr("aerial_ops.infrastructure.terraform.adapter.DELETE_SECONDS", 8.0)


def test_two_environments_do_not_know_each_other(town: Town) -> None:
    one, two = town.site("one"), town.site("two")
    up(one, UpOrder(data_only=True))
    up(two, UpOrder(data_only=True))
    down(one)
    assert "resourceGroups/aerial-ops-two" in town.names()
    assert not [name for name in town.names() if "aerial-ops-one" in name]
    assert status(two).switch.armed  # type: ignore[union-attr]
    down(two)
    assert town.names() == []


def test_a_lost_state_is_no_reason_to_pay(town: Town, tmp_path: Path) -> None:
    up(town.site(), UpOrder())
    elsewhere = town.site(home=tmp_path / "another-machine")
    now = status(elsewhere)
    assert now.cluster is not None and now.switch is not None and now.switch.armed
    with pytest.raises(RefusedError, match="no state of it"):
        up(elsewhere, UpOrder())
    gone = down(elsewhere)
    assert len(gone.names) > 3 and gone.usd > 0
    assert town.names() == []
    assert down(town.site()).names == ()  # the first machine hears of it


@pytest.mark.parametrize("damage", ["state files", "state contents", "everything"])
def test_a_damaged_folder_does_not_stop_down(town: Town, damage: str) -> None:
    site = town.site()
    up(site, UpOrder())
    for state in site.environment.folder.glob("*/terraform.tfstate"):
        state.write_text("{") if damage == "state contents" else state.unlink()
    if damage == "everything":
        shutil.rmtree(site.environment.folder)
    down(site)
    assert town.names() == []
    assert not site.environment.folder.exists()


def test_somebody_elses_resource_stays_and_is_named(town: Town) -> None:
    site = town.site()
    up(site, UpOrder())
    group = f"/subscriptions/{town.arm.subscription}/resourceGroups/aerial-ops-trial"
    path = f"{group}/providers/Microsoft.Storage/storageAccounts/alien"
    body = {"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}}
    town.arm.finished(town.arm.call("PUT", path, "2025-08-01", body))
    seen: list[Proposal] = []
    for _ in range(2):
        with pytest.raises(LeftBehindError, match="was not touched") as caught:
            down(site, approve=seen.append)
        assert "storageAccounts/alien" in caught.value.left
        assert town.names() == ["resourceGroups/aerial-ops-trial", "storageAccounts/alien"]
    assert [one.name for one in seen[0].strangers] == ["alien"]
    town.arm.call("DELETE", path, "2025-08-01")
    down(site)
    assert town.names() == []


def test_a_group_without_our_tag_is_never_deleted(town: Town) -> None:
    site = town.site()
    town.arm.call("PUT", f"/subscriptions/{town.arm.subscription}/resourceGroups/aerial-ops-trial", body={"location": "eastus"})
    with pytest.raises(LeftBehindError, match="already exists"):
        up(site, UpOrder())
    down(site)
    assert town.names() == ["resourceGroups/aerial-ops-trial"]


FAULTS_OF_CREATION = {
    "a quota that is too small": {"kind": "quota"},
    "no capacity": {"kind": "capacity"},
    "no capacity, told late": {"kind": "capacity", "args": {"late": True}},
    "a cluster that fails": {"kind": "create-fails"},
    "a lost answer": {"kind": "lose", "method": "PUT", "path": CLUSTER},
    "a refusal": {
        "kind": "error",
        "method": "PUT",
        "path": CLUSTER,
        "args": {"status": 403, "code": "Forbidden", "message": "No."},
    },
}


@pytest.mark.parametrize("fault", FAULTS_OF_CREATION.values(), ids=FAULTS_OF_CREATION)
def test_a_cluster_that_cannot_be_made_is_told_and_leaves_nothing(town: Town, fault: dict[str, object]) -> None:
    site = town.site()
    town.fault(**fault)  # type: ignore[arg-type]
    with pytest.raises(LeftBehindError) as caught:
        up(site, UpOrder())
    assert "aerial-ops down" in caught.value.suggestion
    assert "$ an hour" in caught.value.left
    assert status(site).switch.armed  # type: ignore[union-attr]  # whatever was made has its deadline
    down(site)
    assert town.names() == []


@pytest.mark.parametrize("kind", ["throttle", "error", "drop", "expired-token", "delay"])
def test_a_bad_moment_is_sat_out(town: Town, kind: str) -> None:
    site = town.site()
    args = {"delay": {"seconds": 0.5}}.get(kind, {})
    town.fault(kind, method="PUT", path=CLUSTER, args=args)
    up(site, UpOrder())
    town.fault(kind, method="DELETE", path=CLUSTER, args=args)
    down(site)
    assert town.names() == []


FAULTS_OF_DELETION = {
    "a deletion that fails": {"kind": "delete-fails"},
    "a deletion that is stuck": {"kind": "delete-stuck"},
    "a slow deletion": {"kind": "delete-slow", "args": {"factor": 50}},
    "a lost answer": {"kind": "lose", "method": "DELETE", "path": CLUSTER},
    "a refusal": {
        "kind": "error",
        "method": "DELETE",
        "path": CLUSTER,
        "args": {"status": 409, "code": "Busy", "message": "Not now."},
    },
}


@pytest.mark.parametrize("fault", FAULTS_OF_DELETION.values(), ids=FAULTS_OF_DELETION)
def test_a_deletion_that_goes_wrong_is_done_another_way(town: Town, fault: dict[str, object]) -> None:
    site = town.site()
    up(site, UpOrder())
    town.fault(**fault)  # type: ignore[arg-type]
    try:
        down(site)
    except AerialOpsError as error:
        assert isinstance(error, LeftBehindError)  # it may fail, but it does not say that all is well
        town.no_faults()
        down(site)
    assert town.names() == []


def test_a_cluster_that_is_still_being_made_is_removed(make_town: Callable[..., Town], monkeypatch: pytest.MonkeyPatch) -> None:
    town = make_town(pace=200.0)  # a cluster takes 6 s
    monkeypatch.setattr("aerial_ops.infrastructure.control_plane.DELETE_PATIENCE_SECONDS", 60.0)
    elsewhere = town.site(home=town.home / "another-machine")
    with ThreadPoolExecutor(1) as pool:
        making = pool.submit(up, town.site(), UpOrder())
        limit = time.monotonic() + 60
        while not town.clusters():
            assert time.monotonic() < limit
            time.sleep(0.05)
        down(elsewhere)
        assert town.names() == []
        making.exception(60)  # it may have ended before its cluster went
    down(town.site())
    assert town.names() == []


def test_what_the_deadline_has_removed_can_be_made_again(town: Town) -> None:
    site = town.site()
    first = up(site, UpOrder())
    town.arm.jump(3 * 3600)
    town.arm.settled()
    assert town.names() == []
    assert not status(site).found
    assert first.described.storage_account
    down(site)
    assert not site.environment.folder.exists()


def test_an_extension_does_not_make_again_what_is_gone(town: Town) -> None:
    site = town.site()
    up(site, UpOrder(data_only=True))
    down(town.site(home=town.home / "other"))
    with pytest.raises(RefusedError, match="are gone"):
        extend(site, timedelta(hours=1))
    assert town.names() == []


def test_a_switch_that_was_disarmed_is_noticed_and_armed_again(town: Town) -> None:
    site = town.site()
    up(site, UpOrder(data_only=True))
    links = [r["id"] for r in town.control.get("state").json()["resources"] if "/jobSchedules/" in r["id"]]
    town.control.post("remove", json={"id": links[0]}).raise_for_status()
    now = status(site)
    assert now.switch is not None and not now.switch.armed
    assert any("not armed" in note for note in now.notes)
    up(site, UpOrder(data_only=True))
    assert status(site).switch.armed  # type: ignore[union-attr]
    down(site)


def test_no_cluster_without_an_armed_switch(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aerial_ops.infrastructure.guard.PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr("aerial_ops.infrastructure.guard.PAUSE_SECONDS", 0.05)
    site = town.site()

    def id_of(kind: str) -> str:
        return next(str(r["id"]) for r in town.control.get("state").json()["resources"] if kind in r["id"])

    def schedule(**properties: object) -> None:
        change = {"id": id_of("/schedules/"), "merge": {"properties": properties}}
        town.control.post("patch", json=change).raise_for_status()

    def remove(kind: str) -> None:
        town.control.post("remove", json={"id": id_of(kind)}).raise_for_status()

    meddling: dict[str, Callable[[], None]] = {
        "no runbook is linked": lambda: remove("/jobSchedules/"),
        "no role in the group": lambda: remove("aerial-ops-trial/providers/Microsoft.Authorization/roleAssignments/"),
        "not at the deadline": lambda: schedule(nextRun="2099-01-01T00:00:00+00:00"),
        "turned off": lambda: schedule(isEnabled=False),
    }
    for problem, meddle in meddling.items():
        with pytest.raises(RefusedError, match=problem) as caught:
            up(site, UpOrder(), when_data_stands=meddle)
        assert "--unguarded" in caught.value.suggestion
        assert town.clusters() == []
        now = status(site)
        assert not now.switch.armed and problem in now.notes[0]  # type: ignore[union-attr]
    assert town.control.get("meter").json()["clusters"] == []
    up(site, UpOrder(unguarded=True))
    assert len(town.clusters()) == 1
    down(site)
    assert town.names() == []


def test_growth_is_held_to_quota_and_budget(make_town: Callable[..., Town]) -> None:
    town = make_town(cores=24)
    with pytest.raises(RefusedError, match="40 workers and 2 heads need 168 cores") as refused:
        up(town.site(workers=40), UpOrder())
    assert refused.value.data["most_workers"] == 4
    site = town.site(max_cost=20.0)
    up(site, UpOrder())
    with pytest.raises(RefusedError, match="cores"):
        scale(site, 5)
    with pytest.raises(RefusedError, match="are allowed"):
        up(site, UpOrder(ttl=timedelta(hours=9)))
    assert status(site).cluster.workers == 2  # type: ignore[union-attr]
    down(site)


def test_a_resize_that_meets_a_fault_is_done_all_the_same_or_again(town: Town) -> None:
    site, workers = town.site(), 2
    up(site, UpOrder())
    for kind in ("lose", "expired-token"):
        town.fault(kind, method="POST", path=".*/resize$")
        scale(site, workers := workers + 1)
        assert status(site).cluster.workers == workers, kind  # type: ignore[union-attr]
    town.fault("quota")  # taken by somebody else since the check
    with pytest.raises(LeftBehindError, match="could not make") as caught:
        scale(site, workers + 1)
    assert "$ an hour" in caught.value.left
    assert status(site).cluster.workers == workers  # type: ignore[union-attr]
    scale(site, workers + 1)
    assert site.environment.description().workers == workers + 1  # type: ignore[union-attr]
    down(site)
    assert town.names() == []


def test_a_refusal_changes_nothing(town: Town) -> None:
    def refuse(_: Proposal) -> None:
        raise RefusedError("no")

    site = town.site()
    with pytest.raises(RefusedError, match="no"):
        up(site, UpOrder(), refuse)
    assert town.names() == []
    assert site.environment.description() is None
    up(site, UpOrder(data_only=True), refuse)  # costs nothing by the hour: not asked for
    before = town.names()
    with pytest.raises(RefusedError, match="no"):
        down(site, DownOrder(), refuse)
    assert town.names() == before
    assert not list(site.environment.folder.glob("*/*.tfplan"))
    down(site, DownOrder(force=True))
    assert town.names() == []


def test_the_price_list_may_be_away(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    site = town.site()
    monkeypatch.setattr(type(site.cloud), "prices_url", lambda self: "https://127.0.0.1:1/none")
    with pytest.raises(RefusedError, match="cannot be reached") as caught:
        up(site, UpOrder())
    assert "--no-price" in caught.value.suggestion and town.names() == []
    up(site, UpOrder(check_price=False))
    with pytest.raises(RefusedError, match="cannot be reached"):
        scale(site, 3)
    with pytest.raises(RefusedError, match="cannot be reached"):
        extend(site, timedelta(hours=1))
    assert status(site).usd is None
    assert down(site).usd == 0.0  # not known: the bill says so in a note
    assert town.names() == []


def test_removal_by_tag_asks_in_the_right_order(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    site = town.site()
    up(site, UpOrder())
    order: list[str] = []
    delete = ControlPlane.delete

    def noted(self: ControlPlane, found: object) -> None:
        order.append(found.type)  # type: ignore[attr-defined]
        delete(self, found)  # type: ignore[arg-type]

    monkeypatch.setattr(ControlPlane, "delete", noted)
    down(site, DownOrder(force=True))
    assert order == ["Microsoft.HDInsight/clusters", "group"]
    assert town.names() == []


def test_passwords_that_this_machine_lost_are_read_from_the_state(town: Town) -> None:
    site = town.site()
    up(site, UpOrder())
    before = site.environment.secrets()
    (site.environment.folder / "secrets.json").unlink()
    again = up(site, UpOrder())
    assert again.changes == ()
    assert site.environment.secrets() == before
    down(site)


class _Locked:
    """A Terraform whose lock was left by a command that is dead."""

    def __init__(self) -> None:
        self.broken: list[str] = []

    def plan(self, *_: object, **__: object) -> Plan:
        if not self.broken:
            raise InfrastructureError("Another Terraform is at work.", suggestion="--unlock", data={"lock": {"ID": "17"}})
        return Plan(Path("none"), (), True)

    def unlock(self, lock: str) -> None:
        self.broken.append(lock)


def test_a_lock_is_broken_only_when_its_owner_is_known_to_be_dead(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    site, locked = town.site(), _Locked()
    up(site, UpOrder(data_only=True))
    monkeypatch.setattr(type(site), "layer", lambda self, root: locked)
    with pytest.raises(InfrastructureError, match="at work"):
        down(site)
    with pytest.raises(RefusedError, match="does not show"):
        down(site, DownOrder(unlock=True))
    assert locked.broken == []
    killed = subprocess.run(
        [sys.executable, "-c", "import sys; from pathlib import Path; from aerial_ops.infrastructure.journal import Journal;"
         "Journal(Path(sys.argv[1])).write('begun', 'make the cluster')", str(site.environment.folder / "journal.jsonl")],
        check=True,
    )  # fmt: skip
    assert killed.returncode == 0
    down(site, DownOrder(unlock=True))
    assert locked.broken == ["17"]
    assert town.names() == []


def test_what_was_taken_away_behind_terraforms_back_does_not_hinder_it(town: Town) -> None:
    site = town.site()
    up(site, UpOrder(keep_data=True))
    for kind in ("/Microsoft.HDInsight/clusters/", "/jobSchedules/", "/Microsoft.Storage/storageAccounts/"):
        gone = [r["id"] for r in town.control.get("state").json()["resources"] if kind in r["id"]]
        town.control.post("remove", json={"id": gone[0]}).raise_for_status()
    down(site)
    assert town.names() == []
    assert not site.environment.folder.exists()
