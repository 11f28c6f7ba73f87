"""The commands as a user types them: what they say, how they end, and that no secret is ever in it."""

import json
import os
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.infrastructure.town import Metropolis

pytestmark = pytest.mark.slow


def secrets_of(city: Metropolis, environment: str) -> list[str]:
    folder = city.home / "environments" / environment
    passwords = json.loads((folder / "secrets.json").read_text()).values()
    key = json.loads((folder / "connection.json").read_text())["key"]
    return [*passwords, key, city.connection.client_secret, city.connection.control_token]


@pytest.fixture
def watched(tmp_path: Path) -> tuple[Path, Path]:
    """A Terraform that notes its arguments, and where it notes them."""
    program, noted = tmp_path / "terraform", tmp_path / "arguments"
    program.write_text(f'#!/bin/sh\necho "$@" >> {noted}\nexec {shutil.which("terraform")} "$@"\n')
    program.chmod(0o755)
    return program, noted


def test_a_lifecycle_tells_no_secret(metropolis: Metropolis, watched: tuple[Path, Path]) -> None:
    city, said, name = metropolis, "", ("--verbose", "--env", "quiet")
    program, noted = watched

    def run(*arguments: str, code: int = 0) -> Any:
        nonlocal said
        out, err = city.run(*name, *arguments, "--json", code=code, AERIAL_OPS_TERRAFORM=str(program))
        said += out + err
        return json.loads(out)

    folder = city.home / "environments" / "quiet"
    assert all(line["right"] for line in run("doctor"))
    assert "--yes" in run("up", code=3)["error"]["suggestion"]
    assert not (folder / "environment.json").exists()
    made = run("up", "--yes")
    assert made["price"]["usd_per_hour"] > 0
    secrets = secrets_of(city, "quiet")
    assert run("up")["changes"] == []  # needs no approval: nothing is made
    assert run("status")["cluster"]["state"] == "Running"
    assert run("scale", "3")["workers"] == 3
    assert run("extend", "1h")["was"]["deadline"] < run("status")["deadline"]
    assert run("cost")["usd_so_far"] > 0
    assert "quiet" in [one["name"] for one in run("env", "list")]
    for file in folder.iterdir():
        if file.is_file():
            assert stat.S_IMODE(file.stat().st_mode) in (0o600, 0o644) if file.name == "journal.jsonl" else 0o600
    journal = (folder / "journal.jsonl").read_text()
    assert "approval" in run("down", code=3)["error"]["message"]
    gone = run("down", "--yes")
    assert gone["left"] == 0 and gone["usd"] > 0
    assert not folder.exists()
    assert city.of("quiet") == []
    assert not run("status")["exists"]
    for secret in secrets:
        for text in (said, journal, noted.read_text()):
            assert secret not in text
    assert "sig=" not in said + journal + noted.read_text()


def test_mistakes_are_told_with_their_remedy(metropolis: Metropolis) -> None:
    city = metropolis
    _, err = city.run("--env", "Wrong Name", "up", "--yes", code=2)
    assert "environment" in err
    _, err = city.run("--env", "short", "up", "--yes", "--ttl", "5m", code=2)
    assert "--ttl 1h" in err
    _, err = city.run("--env", "short", "up", "--yes", "--ttl", "soon", code=2)
    assert "90m" in err
    _, err = city.run("--env", "dear", "up", "--yes", "--max-cost", "1", code=3)
    assert "1.00 $ are allowed" in err and "--ttl" in err
    _, err = city.run("--env", "huge", "up", "--yes", "--workers", "9000", code=3)
    assert "2498 workers fit: aerial-ops up --workers 2498" in err
    _, err = city.run("--env", "huge", "up", "--yes", "--workers", "0", code=2)
    assert "a number from 1 on, or auto" in err
    _, err = city.run("--env", "nothing", "scale", "4", code=2)
    assert "aerial-ops up" in err
    _, err = city.run("--env", "nothing", "extend", "4h", code=2)
    assert "aerial-ops up" in err
    out, _ = city.run("--env", "nothing", "down")
    assert "nothing of the environment" in out
    _, err = city.run("--env", "toolless", "up", "--yes", code=1, AERIAL_OPS_TERRAFORM="/nowhere/terraform")
    assert "AERIAL_OPS_TERRAFORM" in err
    assert all(not city.of(name) for name in ("short", "dear", "huge", "nothing", "toolless"))


def test_the_chosen_environment_is_remembered(metropolis: Metropolis) -> None:
    city = metropolis
    city.run("env", "use", "chosen")
    out, _ = city.run("cost", "--json")
    assert json.loads(out)["environment"] == "chosen"
    out, _ = city.run("cost", "--json", AERIAL_OPS_ENVIRONMENT="other")
    assert json.loads(out)["environment"] == "other"
    (city.home / "environments" / "in-use").unlink()
    assert os.environ.get("AERIAL_OPS_ENVIRONMENT") is None


def test_parts_and_plans(metropolis: Metropolis) -> None:
    city, name = metropolis, ("--env", "parts")
    out, _ = city.run(*name, "up", "--plan-only")
    assert "+ module.storage.azurerm_storage_account.this" in out
    assert "nothing was changed" in out
    assert city.of("parts") == []
    out, _ = city.run(*name, "up", "--data-only", "--keep-data", "--json")  # costs nothing by the hour: no approval
    assert json.loads(out)["keep_data"] is True
    out, _ = city.run(*name, "status")
    assert "the data stays" in out and "armed, fires" in out
    out, _ = city.run(*name, "cost", "--workers", "40")
    assert "No cluster exists" in out
    out, _ = city.run(*name, "env", "list")
    assert "parts" in out
    out, err = city.run(*name, "down", "--yes", "--force")
    assert "lists nothing that carries its tag" in out
    assert "found by its tag" in err
    assert city.of("parts") == []
