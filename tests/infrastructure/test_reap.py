"""The reaper: what is past its deadline goes, whoever made it; everything else stays."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from azure.mgmt.resource.resources import ResourceManagementClient

from aerial_ops.clouds.emulator import EmulatorCloud
from aerial_ops.errors import LeftBehindError, RefusedError
from aerial_ops.infrastructure.approval import Proposal
from aerial_ops.infrastructure.changes import extend
from aerial_ops.infrastructure.durations import iso
from aerial_ops.infrastructure.reap import reap
from aerial_ops.infrastructure.site import Site
from aerial_ops.infrastructure.status import status
from aerial_ops.infrastructure.up import UpOrder, up
from aerial_ops.settings import Settings
from tests.emulator.arm.cloud import CLUSTER_API, GROUP_API, STORAGE_API
from tests.infrastructure.town import Metropolis, Town

STORAGE, CLUSTER = "Microsoft.Storage/storageAccounts", "Microsoft.HDInsight/clusters"
PAST, FUTURE = -3.0, 3.0
ANY_CLUSTER = f".*/{CLUSTER}/[^/]*$"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aerial_ops.infrastructure.removal.PROOF_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr("aerial_ops.infrastructure.removal.PROOF_SECONDS", 1.0)
    monkeypatch.setattr("aerial_ops.infrastructure.control_plane.LONGEST_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr("aerial_ops.infrastructure.control_plane.DELETE_PATIENCE_SECONDS", 3.0)


@pytest.fixture
def land(make_town: Callable[..., Town]) -> Iterator["Land"]:
    yield Land(make_town(one_provider=False))


class Land:
    """A subscription where things are made by somebody else's program: nothing of it is known on this machine."""

    def __init__(self, town: Town) -> None:
        self.town = town

    def site(self, environment: str = "default") -> Site:
        return self.town.site(environment)

    def tags(self, name: str, hours: float | None, **more: str) -> dict[str, str]:
        deadline = {"aerial-ops:expires-at": iso(datetime.now(UTC) + timedelta(hours=hours))} if hours is not None else {}
        return {"aerial-ops:environment": name, **deadline, **{key.replace("_", "-"): value for key, value in more.items()}}

    def path(self, group: str, tail: str = "") -> str:
        return f"/subscriptions/{self.town.arm.subscription}/resourceGroups/{group}{tail}"

    def group(self, name: str, tags: dict[str, str]) -> None:
        body = {"location": "eastus", "tags": tags}
        self.town.arm.call("PUT", self.path(name), GROUP_API, body).raise_for_status()

    def account(self, group: str, name: str, tags: dict[str, str]) -> str:
        path = self.path(group, f"/providers/{STORAGE}/{name}")
        body = {"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}, "tags": tags}
        self.town.arm.finished(self.town.arm.call("PUT", path, STORAGE_API, body))
        return str(self.town.arm.call("POST", f"{path}/listKeys", STORAGE_API).json()["keys"][0]["value"])

    def cluster(self, group: str, name: str, key: str, account: str, tags: dict[str, str], *, wait: bool = True) -> None:
        body = {**self.town.arm.cluster_body(key, account=account), "tags": tags}
        answer = self.town.arm.call("PUT", self.path(group, f"/providers/{CLUSTER}/{name}"), CLUSTER_API, body)
        answer.raise_for_status()
        if wait:
            self.town.arm.finished(answer)

    def environment(self, name: str, hours: float | None, **more: str) -> None:
        """Group, account and cluster, all with the tags."""
        tags, group = self.tags(name, hours, **more), f"aerial-ops-{name}"
        self.group(group, tags)
        key = self.account(group, f"account{name}", tags)
        self.cluster(group, f"spark-{name}", key, f"account{name}", self.tags(name, hours))

    def names(self) -> list[str]:
        return self.town.names()


def test_only_what_is_past_its_deadline_goes(land: Land) -> None:
    land.environment("old", PAST)
    land.environment("young", FUTURE)
    land.group("bystander", {})
    land.account("bystander", "bystander", {"owner": "somebody"})
    stay = [name for name in land.names() if "old" not in name]
    done = reap(land.site(), everywhere=True)
    assert done.removed == ("old",)
    assert [(one.name, one.why) for one in done.found] == [("old", "past its deadline"), ("young", "in time")]
    assert land.names() == stay and len(stay) == 5
    assert reap(land.site(), everywhere=True).removed == ()


def test_one_environment_is_meant_unless_all_are(land: Land) -> None:
    land.environment("one", PAST)
    land.environment("two", PAST)
    assert reap(land.site("one")).removed == ("one",)
    assert [name for name in land.names() if "one" in name] == []
    assert len([name for name in land.names() if "two" in name]) == 3


def test_a_dry_run_changes_nothing_and_asks_nobody(land: Land) -> None:
    def nobody(_: Proposal) -> None:
        raise AssertionError("asked")

    land.environment("old", PAST)
    before = land.names()
    done = reap(land.site(), everywhere=True, dry_run=True, approve=nobody)
    assert done.removed == () and len(done.found[0].goes) == 3
    assert land.names() == before
    assert done.as_dict()["environments"][0]["goes"] == [one.id for one in done.found[0].found]


def test_nothing_goes_without_approval(land: Land) -> None:
    def refuse(proposal: Proposal) -> None:
        assert "old" in proposal.title and len(proposal.found) == 3
        raise RefusedError("No.")

    land.environment("old", PAST)
    before = land.names()
    with pytest.raises(RefusedError):
        reap(land.site(), everywhere=True, approve=refuse)
    assert land.names() == before


def test_kept_data_outlives_the_deadline_and_its_cluster_does_not(land: Land) -> None:
    land.environment("kept", PAST, **{"aerial-ops:keep_data": "true"})
    done = reap(land.site(), everywhere=True)
    assert done.removed == ("kept",)
    assert land.names() == ["resourceGroups/aerial-ops-kept", "storageAccounts/accountkept"]
    again = reap(land.site(), everywhere=True)
    assert again.removed == () and again.found[0].why == "its data is kept"


def test_tags_that_say_no_deadline_or_no_name_are_left_alone_and_told(land: Land) -> None:
    land.environment("timeless", None)
    land.group("strange", {**land.tags("Not A Name", PAST)})
    land.group("garbled", {"aerial-ops:environment": "garbled", "aerial-ops:expires-at": "tomorrow"})
    before = land.names()
    done = reap(land.site(), everywhere=True)
    assert done.removed == () and land.names() == before
    assert ["deadline" in one.why or "name" in one.why for one in done.found] == [True, True, True]


def test_the_latest_deadline_counts(land: Land) -> None:
    """An extension moves the data layer's tags first."""
    land.group("aerial-ops-moved", land.tags("moved", FUTURE))
    land.account("aerial-ops-moved", "moved", land.tags("moved", PAST))
    assert reap(land.site(), everywhere=True).removed == ()
    assert len(land.names()) == 2


def test_an_extension_before_the_approval_saves_it(land: Land) -> None:
    land.environment("saved", PAST)
    before = land.names()
    reap(land.site(), everywhere=True, approve=lambda _: land.group("aerial-ops-saved", land.tags("saved", FUTURE)))
    assert land.names() == before


def test_a_half_made_environment_goes(land: Land) -> None:
    tags = land.tags("half", PAST)
    land.group("aerial-ops-half", tags)
    key = land.account("aerial-ops-half", "half", tags)
    land.cluster("aerial-ops-half", "spark-half", key, "half", tags, wait=False)  # Azure does not delete it yet
    assert reap(land.site(), everywhere=True).removed == ("half",)
    assert land.names() == []


def test_a_half_removed_environment_goes(land: Land) -> None:
    land.environment("half", PAST)
    land.town.arm.call("DELETE", land.path("aerial-ops-half"), GROUP_API).raise_for_status()  # and nobody waits for its end
    reap(land.site(), everywhere=True)
    assert land.names() == []


def test_what_is_made_meanwhile_goes_too(land: Land, monkeypatch: pytest.MonkeyPatch) -> None:
    from aerial_ops.infrastructure import reap as phase

    land.environment("busy", PAST)
    sweep, rounds = phase.sweep, []

    def sweep_and_make(site: Site) -> None:
        sweep(site)
        if not rounds:
            land.group("aerial-ops-busy", land.tags("busy", PAST))
        rounds.append(1)

    monkeypatch.setattr(phase, "sweep", sweep_and_make)
    assert reap(land.site(), everywhere=True).removed == ("busy",)
    assert land.names() == [] and len(rounds) == 2


def test_somebody_elses_resource_stays_and_is_named(land: Land) -> None:
    land.environment("shared", PAST)
    land.environment("old", PAST)
    land.account("aerial-ops-shared", "alien", {})
    seen: list[Proposal] = []
    with pytest.raises(LeftBehindError, match="1 of 2") as caught:
        reap(land.site(), everywhere=True, approve=seen.append)
    assert caught.value.exit_code == 4
    assert "storageAccounts/alien" in caught.value.left
    assert [one.name for one in seen[0].strangers] == ["alien"]
    assert land.names() == ["resourceGroups/aerial-ops-shared", "storageAccounts/alien"]  # and the other one went


def test_a_tagged_resource_in_somebodys_group_goes_alone(land: Land) -> None:
    land.group("theirs", {})
    land.account("theirs", "alien", {})
    land.account("theirs", "ours", land.tags("guest", PAST))
    assert reap(land.site(), everywhere=True).removed == ("guest",)
    assert land.names() == ["resourceGroups/theirs", "storageAccounts/alien"]


def test_one_that_cannot_be_removed_does_not_keep_the_others(land: Land) -> None:
    land.environment("stuck", PAST)
    land.environment("zebra", PAST)
    land.town.fault(
        "error", method="DELETE", path=".*spark-stuck$", times=100, args={"status": 403, "code": "Forbidden", "message": "No."}
    )
    land.town.fault(
        "error",
        method="DELETE",
        path=".*aerial-ops-stuck$",
        times=100,
        args={"status": 403, "code": "Forbidden", "message": "No."},
    )
    with pytest.raises(LeftBehindError, match="1 of 2") as caught:
        reap(land.site(), everywhere=True)
    assert list(caught.value.data["environments"]) == ["stuck"]
    assert not [name for name in land.names() if "zebra" in name]
    land.town.no_faults()
    assert reap(land.site(), everywhere=True).removed == ("stuck",)
    assert land.names() == []


def test_an_environment_that_another_command_changes_is_told(land: Land) -> None:
    land.environment("busy", PAST)
    with land.site("busy").environment.alone(), pytest.raises(LeftBehindError, match="1 of 1") as caught:
        reap(land.site(), everywhere=True)
    assert "Another command" in caught.value.left
    assert len(land.names()) == 3


def test_an_interruption_ends_it_and_says_what_is_left(land: Land, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: Site) -> None:
        raise KeyboardInterrupt

    land.environment("old", PAST)
    monkeypatch.setattr("aerial_ops.infrastructure.reap.sweep_clusters", interrupt)
    with pytest.raises(LeftBehindError, match="Interrupted while the environment old was being reaped"):
        reap(land.site(), everywhere=True)


@pytest.mark.slow
def test_what_up_has_made_is_reaped_from_another_machine(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site, other = town.site(), town.site("other", home=tmp_path / "elsewhere")
    made = up(site, UpOrder())
    assert reap(other, everywhere=True).removed == ()
    moved = extend(site, timedelta(hours=1)).described
    late = made.described.deadline + timedelta(minutes=1)
    monkeypatch.setattr(Site, "now", staticmethod(lambda: late))
    assert reap(other, everywhere=True).removed == ()
    monkeypatch.setattr(Site, "now", staticmethod(lambda: moved.deadline + timedelta(seconds=1)))
    assert reap(other, everywhere=True).removed == ("trial",)
    assert town.names() == []
    assert not (tmp_path / "elsewhere" / "environments" / "trial").exists()
    monkeypatch.undo()
    assert not status(site).found


@pytest.mark.slow
def test_the_tag_of_kept_data_follows_up(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    site = town.site()
    deadline = up(site, UpOrder(keep_data=True)).described.deadline
    monkeypatch.setattr(Site, "now", staticmethod(lambda: deadline + timedelta(hours=1)))
    assert reap(site).removed == ("trial",)
    assert town.clusters() == [] and "resourceGroups/aerial-ops-trial" in town.names()
    monkeypatch.undo()
    up(site, UpOrder(keep_data=False, data_only=True, ttl=timedelta(hours=1)))
    monkeypatch.setattr(Site, "now", staticmethod(lambda: deadline + timedelta(hours=1)))
    assert reap(site).removed == ("trial",)
    assert town.names() == [] and not site.environment.folder.exists()


@pytest.mark.slow
def test_the_command_asks_tells_and_ends_as_it_should(metropolis: Metropolis) -> None:
    city, arm = metropolis, EmulatorCloud(Settings(home=metropolis.home)).arm()
    client = ResourceManagementClient(
        arm.credential, arm.subscription, base_url=arm.url, credential_scopes=[arm.scope], connection_verify=str(arm.trust)
    )
    tags = {"aerial-ops:environment": "late", "aerial-ops:expires-at": iso(datetime.now(UTC) - timedelta(hours=1))}
    client.resource_groups.create_or_update("aerial-ops-late", {"location": "eastus", "tags": tags})
    out, _ = city.run("--env", "late", "reap", "--json", code=3)
    assert "--yes" in json.loads(out)["error"]["suggestion"]
    out, _ = city.run("--env", "late", "reap", "--dry-run")
    assert "past its deadline" in out and "Nothing was changed." in out
    assert city.of("late")
    out, err = city.run("--env", "late", "reap", "--yes", "--json")
    assert json.loads(out)["removed"] == ["late"] and "aerial-ops-late" in err
    assert not city.of("late")
    out, _ = city.run("--env", "late", "reap", "--yes")
    assert "Nothing carries the tag" in out
