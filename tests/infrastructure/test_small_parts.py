"""Lengths of time, settings of environments, the doctor's lines."""

from datetime import timedelta
from pathlib import Path

import pytest

from aerial_ops.errors import UsageError
from aerial_ops.infrastructure.description import UpOrder, wanted
from aerial_ops.infrastructure.doctor import examine
from aerial_ops.infrastructure.durations import duration_text, parse_duration
from aerial_ops.infrastructure.site import Site
from aerial_ops.infrastructure.terraform import prepare_workspace
from aerial_ops.settings import Settings
from tests.infrastructure.town import Town


@pytest.mark.parametrize(
    ("text", "minutes"), [("90m", 90), ("4h", 240), ("1h30m", 90), ("2d", 2880), (" 1H ", 60), ("1d1h1m", 1501)]
)
def test_lengths_of_time_are_read(text: str, minutes: int) -> None:
    assert parse_duration(text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "4", "h", "-1h", "0m", "1h 30", "31d", "soon", "1.5h"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not a length of time"):
        parse_duration(text)


def test_lengths_of_time_are_written() -> None:
    assert duration_text(timedelta(hours=3, minutes=20)) == "3 h 20 min"
    assert duration_text(timedelta(days=2)) == "2 d"
    assert duration_text(timedelta(seconds=5)) == "less than a minute"


def test_a_secret_in_the_backends_settings_is_refused(tmp_path: Path) -> None:
    site = Site.of(Settings(home=tmp_path, backend={"access_key": "x"}))
    with pytest.raises(UsageError, match=r"backend.access_key is a secret"):
        site.layer("data")


def test_a_shared_backend_gets_a_key_for_each_environment_and_layer(tmp_path: Path) -> None:
    site = Site.of(Settings(home=tmp_path, environment="mine", backend={"storage_account_name": "s", "key": "team"}))
    assert site._backend("data") == {"azurerm": {"storage_account_name": "s", "key": "team/mine/data.tfstate"}}
    assert site.may_have_state("data")
    workspace = prepare_workspace("data", tmp_path, site._backend("data"))
    assert '"azurerm"' in (workspace.folder / "aerial_ops_backend.tf.json").read_text()


def test_the_doctor_says_what_to_do(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = examine(town.site())
    assert [line.right for line in lines] == [True] * len(lines)
    assert "cores needed" in lines[-2].found
    assert "$/h" in lines[-1].found

    lines = {line.what: line for line in examine(town.site(workers=500))}
    assert not lines["Quota and names"].right
    assert "workers fit" in lines["Quota and names"].mend

    lines = {line.what: line for line in examine(town.site(max_cost=0.5))}
    assert not lines["Price"].right and "--ttl" in lines["Price"].mend

    lines = {line.what: line for line in examine(town.site(terraform="/nowhere"))}
    assert "AERIAL_OPS_TERRAFORM" in lines["Terraform"].mend
    assert "Price" not in lines

    town.fault("error", path=".*/subscriptions/[^/]*$", times=0, args={"status": 403, "code": "Forbidden", "message": "No."})
    lines = {line.what: line for line in examine(town.site())}
    assert not lines["Sign-in"].right


def test_with_a_shared_state_another_machine_goes_on_with_the_same_names(town: Town) -> None:
    tags = {"environment": "trial", "expires-at": "2099-01-01T00:00:00Z", "keep-data": "true", "owner": "ada", "run": "r17"}
    tags = {f"aerial-ops:{name}": value for name, value in tags.items()}
    town.arm.call(
        "PUT",
        f"/subscriptions/{town.arm.subscription}/resourceGroups/aerial-ops-trial",
        body={"location": "westus", "tags": tags},
    )
    described = wanted(town.site(backend={"storage_account_name": "s"}), UpOrder())
    assert (described.location, described.deadline.year) == ("westus", 2099)
    assert (described.keep_data, described.owner, described.run) == (True, "ada", "r17")
    assert described.storage_account.startswith("aopstrial")  # not made yet: a new name
    assert wanted(town.site(), UpOrder()).location == "eastus"  # without a shared state nothing is taken over
