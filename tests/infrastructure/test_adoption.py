"""What exists and is not in Terraform's state: `up` takes it over, and nothing is paid for twice."""

import json
from collections.abc import Callable

import pytest

from aerial_ops.errors import LeftBehindError, RefusedError
from aerial_ops.infrastructure.approval import Proposal
from aerial_ops.infrastructure.changes import scale
from aerial_ops.infrastructure.down import down
from aerial_ops.infrastructure.site import Site
from aerial_ops.infrastructure.status import status
from aerial_ops.infrastructure.up import UpOrder, up
from aerial_ops.reporting import SilentReporter
from tests.chaos.ending import kill_family
from tests.infrastructure.test_commands import secrets_of
from tests.infrastructure.test_kills import wait_for
from tests.infrastructure.town import Metropolis, Town

pytestmark = pytest.mark.slow

CLUSTER = ".*/Microsoft.HDInsight/clusters/[^/]*$"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aerial_ops.infrastructure.adoption.PAUSE_SECONDS", 0.05)
    monkeypatch.setattr("aerial_ops.infrastructure.removal.PROOF_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr("aerial_ops.infrastructure.removal.PROOF_SECONDS", 3.0)


def forget_state(site: Site, *roots: str) -> None:
    for root in roots:
        (site.environment.folder / root / "terraform.tfstate").unlink()


def bills(town: Town) -> list[dict[str, object]]:
    found: list[dict[str, object]] = town.control.get("meter").json()["clusters"]
    return found


def test_a_cluster_whose_answer_was_lost_is_taken_over(town: Town) -> None:
    site = town.site()
    town.fault("lose", method="PUT", path=CLUSTER)
    with pytest.raises(LeftBehindError):
        up(site, UpOrder())
    before = town.clusters()
    assert len(before) == 1
    up(site, UpOrder())
    assert town.clusters() == before
    assert site.cloud.cluster().password == site.environment.secrets().gateway_password
    assert up(site, UpOrder()).changes == ()
    assert status(site).notes == ()
    scale(site, 3)
    assert status(site).cluster.workers == 3  # type: ignore[union-attr]
    down(site)
    assert town.names() == []
    assert len(bills(town)) == 1


class Impatient(SilentReporter):
    """Turns the cloud's clock on when it hears that somebody waits."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.heard: list[str] = []

    def note(self, text: str) -> None:
        if "waiting for it" in text:
            self.heard.append(text)
            self.town.arm.jump(60)


def test_a_cluster_that_is_still_being_made_is_waited_for(make_town: Callable[..., Town]) -> None:
    town = make_town(pace=30.0)  # a cluster takes 40 s
    report = Impatient(town)
    site = town.site(report=report)
    town.fault("lose", method="PUT", path=CLUSTER)
    with pytest.raises(LeftBehindError):
        up(site, UpOrder())
    assert status(site).cluster.state != "Running"  # type: ignore[union-attr]
    up(site, UpOrder())
    assert len(report.heard) == 1
    assert status(site).cluster.state == "Running"  # type: ignore[union-attr]
    assert len(bills(town)) == 1


def test_a_cluster_in_error_goes_with_approval_before_a_new_one_is_made(town: Town) -> None:
    site, asked = town.site(), []
    up(site, UpOrder())
    cluster = next(r["id"] for r in town.control.get("state").json()["resources"] if "/clusters/" in r["id"])
    broken = {"properties": {"clusterState": "Error", "provisioningState": "Failed"}}
    town.control.post("patch", json={"id": cluster, "merge": broken}).raise_for_status()
    forget_state(site, "compute")

    def refuse(proposal: Proposal) -> None:
        asked.append(proposal)
        raise RefusedError("no")

    with pytest.raises(LeftBehindError, match="no"):
        up(site, UpOrder(), refuse)
    assert "state Error" in asked[0].title
    assert [one.id for one in asked[0].found] == [cluster]
    assert len(town.clusters()) == 1
    up(site, UpOrder())
    assert status(site).cluster.state == "Running"  # type: ignore[union-attr]
    assert site.environment.journal.entries()[-1].event == "done"
    down(site)
    assert town.names() == []
    assert len(bills(town)) == 2  # the broken one, which was removed, and the new one


def test_a_lost_state_is_made_anew_from_what_exists(town: Town) -> None:
    site = town.site()
    up(site, UpOrder(keep_data=True))
    before, made = town.names(), town.control.get("state").json()["resources"]
    forget_state(site, "data", "compute")
    up(site, UpOrder(keep_data=True))
    assert town.names() == before
    after = town.control.get("state").json()["resources"]
    assert {one["id"] for one in made if "/jobSchedules/" not in one["id"]} <= {one["id"] for one in after}
    now = status(site)
    assert now.notes == () and now.switch is not None and now.switch.armed
    assert up(site, UpOrder()).changes == ()
    down(site)
    assert town.names() == []
    assert len(bills(town)) == 1


def test_a_runbook_that_was_not_published_is_published(town: Town) -> None:
    site = town.site()
    town.fault("error", path=".*/runbooks/[^/]*/publish$", args={"status": 400, "code": "BadRequest", "message": "Not now."})
    with pytest.raises(LeftBehindError, match="Not now"):
        up(site, UpOrder(data_only=True))
    up(site, UpOrder(data_only=True))
    now = status(site)
    assert now.switch is not None and now.switch.armed
    down(site)
    assert town.names() == []


def test_what_is_not_of_the_environment_is_not_taken_over(town: Town) -> None:
    site = town.site()
    up(site, UpOrder())
    resources = town.control.get("state").json()["resources"]

    def give_away(kind: str, root: str) -> None:
        id = next(r["id"] for r in resources if kind in r["id"] and r["id"].count("/") == 8)
        town.control.post("patch", json={"id": id, "merge": {"tags": {"aerial-ops:environment": "other"}}}).raise_for_status()
        forget_state(site, root)

    give_away("/Microsoft.HDInsight/clusters/", "compute")
    with pytest.raises(LeftBehindError, match="does not carry the environment's tag"):
        up(site, UpOrder())
    give_away("/Microsoft.Automation/automationAccounts/", "data")
    with pytest.raises(LeftBehindError, match='aerial-ops-trial-switch" already exists'):
        up(site, UpOrder())
    assert len(town.clusters()) == 1


def test_after_a_kill_in_the_middle_of_a_cluster_up_goes_on(metropolis: Metropolis) -> None:
    city, name = metropolis, "goeson"
    process = city.start("--env", name, "up", "--yes", own_provider=True)
    wait_for(city, name, "/Microsoft.HDInsight/")
    kill_family(process)
    process.communicate()
    said = "".join(city.run("--env", name, "--verbose", "up", "--yes", own_provider=True))
    assert "Taking over the cluster" in said
    assert not [secret for secret in secrets_of(city, name) if secret in said]
    out, _ = city.run("--env", name, "status", "--json")
    now = json.loads(out)
    assert now["cluster"]["state"] == "Running" and now["switch"]["armed"]
    assert len([one for one in city.control.get("meter").json()["clusters"] if f"/aerial-ops-{name}/" in one["id"]]) == 1
    city.run("--env", name, "down", "--yes")
    assert city.of(name) == []
