"""The bill of a cluster against the emulator's own meter, whoever removed the cluster and whatever went wrong meanwhile."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aerial_ops.errors import LeftBehindError
from aerial_ops.infrastructure.account import account
from aerial_ops.infrastructure.activity import MADE, Activity, Event
from aerial_ops.infrastructure.billing import settle
from aerial_ops.infrastructure.changes import scale
from aerial_ops.infrastructure.cost import BILL, billed
from aerial_ops.infrastructure.description import found_by_tags
from aerial_ops.infrastructure.down import DownOrder, down
from aerial_ops.infrastructure.environments import Description
from aerial_ops.infrastructure.journal import Entry, Journal
from aerial_ops.infrastructure.reap import reap
from aerial_ops.infrastructure.site import Site
from aerial_ops.infrastructure.status import status
from aerial_ops.infrastructure.terraform import Plan, Terraform
from aerial_ops.infrastructure.up import UpOrder, up
from tests.emulator.arm.cloud import CLUSTER_API
from tests.infrastructure.town import Town
from tests.notes import Notes

pytestmark = pytest.mark.slow

HOURS = 3600.0
LOG = ".*/eventtypes/management/values"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aerial_ops.infrastructure.removal.PROOF_PAUSE_SECONDS", 0.05)


def metered(town: Town) -> float:
    return float(town.control.get("meter").json()["totalUSD"])


def described(site: Site) -> Description:
    found = site.environment.description()
    assert found is not None
    return found


def bills(site: Site) -> list[Entry]:
    """Those in the environment's journal, or in the journals that it has left."""
    journals = [
        site.environment.journal,
        *(Journal(path) for path in sorted((site.environment.home / "journals").glob("*.jsonl"))),
    ]
    return [entry for journal in journals for entry in journal.entries() if entry.what == BILL]


def test_a_whole_life_is_billed_as_it_was_metered(town: Town) -> None:
    """Two sizes, two clusters, hours in between: emulated time runs away from this machine's."""
    site = town.site()
    up(site, UpOrder(ttl=timedelta(hours=24)))
    town.arm.jump(1.5 * HOURS)
    scale(site, 5)
    town.arm.jump(0.7 * HOURS)
    kept = down(site, DownOrder(keep_data=True))
    assert kept.usd == pytest.approx(metered(town), rel=0.01)
    up(site, UpOrder())
    town.arm.jump(2.25 * HOURS)
    assert down(site).usd == pytest.approx(metered(town), rel=0.01)
    assert [entry.details["source"] for entry in bills(site)] == ["activity log", "activity log"]
    assert metered(town) > 15


def test_what_the_deadline_has_removed_is_billed_to_the_minute(town: Town) -> None:
    site = town.site()
    up(site, UpOrder())
    town.arm.jump(3 * HOURS)
    town.arm.settled()
    assert town.names() == []
    so_far = status(site).usd
    assert so_far == pytest.approx(metered(town), rel=0.01)
    assert account(site).usd_so_far == pytest.approx(metered(town), rel=0.01)
    assert bills(site) == []  # looking changes nothing
    assert down(site).usd == pytest.approx(metered(town), rel=0.01)
    assert len(bills(site)) == 1


def test_what_the_deadline_has_removed_and_up_makes_again_is_two_bills(town: Town) -> None:
    site = town.site()
    up(site, UpOrder(keep_data=True))
    town.arm.jump(3 * HOURS)
    town.arm.settled()
    assert town.clusters() == []
    site = town.site()  # another command, which asks anew what time it is
    up(site, UpOrder())
    town.arm.jump(1 * HOURS)
    assert down(site).usd == pytest.approx(metered(town), rel=0.01)
    assert len(bills(site)) == 2


def test_another_machine_that_reaps_has_the_bill_and_so_has_the_first(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, other = town.site(), town.site("other", home=tmp_path / "elsewhere")
    deadline = up(site, UpOrder()).described.deadline
    town.arm.jump(1 * HOURS)
    monkeypatch.setattr(Site, "now", staticmethod(lambda: deadline + timedelta(minutes=1)))
    assert reap(other, everywhere=True).removed == ("trial",)
    monkeypatch.undo()
    (theirs,) = bills(town.site(home=tmp_path / "elsewhere"))
    assert theirs.details["usd"] == pytest.approx(metered(town), rel=0.01)
    assert down(site).usd == pytest.approx(metered(town), rel=0.01)


def test_a_cluster_removed_behind_everybodys_back_is_billed_until_it_was_missed(town: Town) -> None:
    site = town.site()
    up(site, UpOrder(ttl=timedelta(hours=24)))
    facts = site.plane.clusters("aerial-ops-trial")
    town.arm.jump(2 * HOURS)
    town.control.post("remove", json={"id": facts[0].id}).raise_for_status()
    settle(site, described(site), facts)
    (bill,) = bills(site)
    assert bill.details["source"] == "seen gone"
    assert bill.details["usd"] == pytest.approx(metered(town), rel=0.01)
    down(site)


def test_without_the_activity_log_a_bill_is_still_written(town: Town) -> None:
    site = town.site()
    up(site, UpOrder())
    town.fault("error", method="GET", path=LOG, times=0, args={"status": 403, "code": "AuthorizationFailed", "message": "No."})
    assert down(site, DownOrder(keep_data=True)).usd == pytest.approx(metered(town), rel=0.5)  # a minute more or less of one
    up(site, UpOrder())
    town.arm.jump(3 * HOURS)
    town.arm.settled()
    down(site)
    assert [entry.details["source"] for entry in bills(site)] == ["seen gone", "estimated"]


def test_a_command_killed_before_it_wrote_the_bill_does_not_lose_it(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    site = town.site()
    up(site, UpOrder(ttl=timedelta(hours=24)))
    town.arm.jump(1 * HOURS)
    monkeypatch.setattr("aerial_ops.infrastructure.billing.settle", killed)
    with pytest.raises(Killed):
        down(site, DownOrder(keep_data=True))
    monkeypatch.undo()
    assert town.clusters() == [] and bills(site) == []
    assert down(site).usd == pytest.approx(metered(town), rel=0.01)


def test_a_cluster_in_error_that_up_replaces_is_billed_and_the_new_one_too(town: Town) -> None:
    site = town.site()
    town.fault("create-fails")
    with pytest.raises(Exception, match="internal error"):
        up(site, UpOrder(ttl=timedelta(hours=24)))
    town.arm.jump(1 * HOURS)
    up(site, UpOrder())
    town.arm.jump(30 * HOURS)
    town.arm.settled()
    assert town.names() == []
    down(site)
    assert billed(bills(site)) == pytest.approx(metered(town), rel=0.01)
    assert len(bills(site)) == 2


@pytest.fixture
def site_without_journal(make_town: Callable[..., Town], tmp_path: Path) -> Iterator[tuple[Town, Site]]:
    town = make_town()
    up(town.site(), UpOrder())
    yield town, town.site(home=tmp_path / "elsewhere")


def test_sizes_that_up_gave_and_a_scaling_that_was_interrupted_are_billed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: Terraform, plan: Plan) -> None:
        apply(self, plan)
        raise KeyboardInterrupt

    site = town.site()
    up(site, UpOrder(ttl=timedelta(hours=24)))
    town.arm.jump(1 * HOURS)
    up(site, UpOrder(workers=6))
    town.arm.jump(1 * HOURS)
    apply = Terraform.apply
    monkeypatch.setattr(Terraform, "apply", interrupted)
    with pytest.raises(LeftBehindError, match="being scaled"):
        scale(site, 3)
    monkeypatch.undo()
    town.arm.jump(1 * HOURS)
    assert down(site, DownOrder(keep_data=True)).usd == pytest.approx(metered(town), rel=0.01)
    assert metered(town) > 3 * 4.1


def test_the_same_is_billed_after_the_deadline(town: Town) -> None:
    site = town.site()
    up(site, UpOrder())
    town.arm.jump(0.5 * HOURS)
    up(site, UpOrder(workers=6))
    town.fault("quota")
    with pytest.raises(LeftBehindError):
        scale(site, 9)  # refused by Azure: it stays as it was
    town.arm.jump(4 * HOURS)
    town.arm.settled()
    assert down(site).usd == pytest.approx(metered(town), rel=0.01)


def test_a_cluster_whose_size_azure_chose_has_a_bill_with_limits(town: Town) -> None:
    site, told = town.site(), Notes()
    up(site, UpOrder(ttl=timedelta(hours=24)))
    cluster = site.plane.clusters("aerial-ops-trial")[0]
    rules = {"autoscale": {"capacity": {"minInstanceCount": 1, "maxInstanceCount": 10}}}
    town.arm.finished(town.arm.call("POST", f"{cluster.id}/roles/workernode/autoscale", CLUSTER_API, rules))
    assert site.plane.clusters("aerial-ops-trial")[0].autoscale == (1, 10)
    town.arm.jump(2 * HOURS)
    assert down(town.site(report=told)).usd == pytest.approx(metered(town), rel=0.01)
    (bill,) = bills(site)
    low, high = bill.details["between"]
    assert (low, high) == (pytest.approx(2 * 3.213, rel=0.02), pytest.approx(2 * 11.754, rel=0.02))
    assert any("between" in note and f"{high:.2f}" in note for note in told.notes)


def test_an_environment_of_the_same_name_does_not_pay_for_the_one_before(town: Town) -> None:
    up(town.site(), UpOrder())
    first = down(town.site()).usd
    town.arm.jump(60)
    up(town.site(), UpOrder())
    assert down(town.site()).usd == pytest.approx(metered(town) - first, rel=0.01)


def test_a_machine_that_knows_nothing_bills_what_it_removes(site_without_journal: tuple[Town, Site]) -> None:
    town, elsewhere = site_without_journal
    town.arm.jump(1 * HOURS)
    assert found_by_tags(elsewhere) is not None
    assert down(elsewhere).usd == pytest.approx(metered(town), rel=0.01)


def test_the_log_of_a_refused_order_is_no_life() -> None:
    start, id = datetime(2026, 11, 24, tzinfo=UTC), "/subscriptions/s/clusters/c"

    def event(minute: int, what: str, status: str, operation: str) -> Event:
        return Event(start + timedelta(minutes=minute), what, status, id, operation)

    delete = MADE.replace("write", "delete")
    log = Activity(
        (
            event(0, MADE, "started", "refused"),
            event(1, MADE, "failed", "refused"),
            event(5, MADE, "started", "made"),
            event(5, MADE, "accepted", "made"),
            event(30, MADE, "started", "tags"),
            event(40, delete, "started", "gone"),
            event(45, delete, "succeeded", "gone"),
            event(50, MADE, "accepted", "again"),
        ),
        start + timedelta(hours=1),
    )
    assert log.lives() == [(id, start + timedelta(minutes=5), start + timedelta(minutes=45))]
