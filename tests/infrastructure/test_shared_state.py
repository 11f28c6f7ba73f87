"""Two machines share the state of an environment: Terraform's own azurerm backend, on an account of the emulated Azure."""

import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from aerial_ops.clouds.emulator import EmulatorCloud
from aerial_ops.emulator.arm import lifecycle
from aerial_ops.emulator.arm.addresses import ArmConnection
from aerial_ops.errors import InfrastructureError, RefusedError
from aerial_ops.infrastructure.changes import extend, scale
from aerial_ops.infrastructure.down import DownOrder, down
from aerial_ops.infrastructure.site import Site
from aerial_ops.infrastructure.status import status
from aerial_ops.infrastructure.up import UpOrder, up
from aerial_ops.settings import Settings
from tests.chaos.ending import kill_family
from tests.infrastructure.town import SETTINGS, clean_environment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

BACKEND = {"resource_group_name": "ops-state", "storage_account_name": "opsstate", "container_name": "tfstate"}
ACCOUNT = "/resourceGroups/ops-state/providers/Microsoft.Storage/storageAccounts/opsstate"
API = {"api-version": "2025-08-01"}


@dataclass
class Team:
    """An emulated Azure with an account for states, and the homes of two machines."""

    connection: ArmConnection
    homes: tuple[Path, Path]
    control: httpx.Client

    def site(self, machine: int, environment: str, **backend: str) -> Site:
        given = Settings(
            cloud="emulator", home=self.homes[machine], environment=environment, backend={**BACKEND, **backend}, **SETTINGS
        )
        return Site.of(given)

    def start(self, machine: int, *arguments: str) -> "subprocess.Popen[str]":
        """The command line on one of the machines."""
        variables = {"AERIAL_OPS_BACKEND": json.dumps(BACKEND), "AERIAL_OPS_WORKERS": "2"}
        return subprocess.Popen(
            [sys.executable, "-c", "from aerial_ops.cli.app import main; main()", "--home", str(self.homes[machine]), *arguments],
            env={**clean_environment(), **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def of(self, environment: str) -> list[str]:
        """Ids of what exists of an environment."""
        found = self.control.get("state").json()["resources"]
        return [one["id"] for one in found if f"/resourcegroups/aerial-ops-{environment}" in f"{one['id'].lower()}/"]

    def slow_account(self, environment: str) -> None:
        """The environment's storage account takes some seconds, in which Terraform holds its lock."""
        path = f".*/aerial-ops-{environment}/providers/Microsoft.Storage/storageAccounts/[^/]*$"
        self.control.post("faults", json={"kind": "delay", "method": "PUT", "path": path, "args": {"seconds": 8}})

    def wait_for(self, environment: str, kind: str) -> None:
        limit = time.monotonic() + 60
        while not any(kind in id for id in self.of(environment)):
            assert time.monotonic() < limit, f"no {kind} was made"
            time.sleep(0.05)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    here, there = tmp_path_factory.mktemp("here"), tmp_path_factory.mktemp("there")
    connection = lifecycle.start(here / "emulator", pace=1000.0)
    (there / "emulator").symlink_to(here / "emulator")
    endpoint = EmulatorCloud(Settings(home=here)).arm()
    token = endpoint.credential.get_token(endpoint.scope).token

    def client(url: str, bearer: str) -> httpx.Client:
        trust = ssl.create_default_context(cafile=connection.ca_file)
        headers = {"Authorization": f"Bearer {bearer}"}
        return httpx.Client(base_url=url, verify=trust, trust_env=False, timeout=60, headers=headers)

    control = client(f"{connection.url}/__emulator/", connection.control_token)
    with client(f"{connection.url}/subscriptions/{connection.subscription}", token) as azure:
        make_account(azure)
    yield Team(connection, (here, there), control)
    control.close()
    lifecycle.stop(here / "emulator")


def make_account(azure: httpx.Client) -> None:
    """What an administrator makes once for the states of all environments."""
    azure.put("/resourceGroups/ops-state", params={"api-version": "2023-07-01"}, json={"location": "eastus"}).raise_for_status()
    body: dict[str, Any] = {"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}}
    azure.put(ACCOUNT, params=API, json=body).raise_for_status()
    limit = time.monotonic() + 60
    while azure.get(ACCOUNT, params=API).json()["properties"]["provisioningState"] != "Succeeded":
        assert time.monotonic() < limit
        time.sleep(0.05)
    azure.put(f"{ACCOUNT}/blobServices/default/containers/tfstate", params=API, json={}).raise_for_status()


def test_what_one_machine_made_another_changes_and_removes(team: Team) -> None:
    """With a sign-in by Entra; the other tests sign with the account's key."""
    here, there = (team.site(machine, "ours", use_azuread_auth="true") for machine in (0, 1))
    made = up(here, UpOrder())
    assert not list(here.environment.folder.glob("*/terraform.tfstate"))
    now = status(there)
    assert now.switch is not None and now.switch.armed and now.notes == ()
    assert now.described is not None and now.described.storage_account == made.described.storage_account
    moved = extend(there, timedelta(hours=1))
    assert moved.described.deadline - moved.was.deadline == timedelta(hours=1)
    assert there.cloud.cluster() == here.cloud.cluster()
    assert scale(there, 3).described.workers == 3
    assert there.environment.secrets() == here.environment.secrets()
    assert up(there, UpOrder()).changes == ()
    gone = down(there)
    assert len(gone.names) > 3
    assert team.of("ours") == []
    assert down(here).names == ()
    assert not here.environment.folder.exists()


def test_a_lock_is_told_and_one_that_was_left_is_broken_by_the_machine_that_left_it(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aerial_ops.infrastructure.locks.ORPHAN_PATIENCE_SECONDS", 1)
    name = "locked"
    here, there = team.site(0, name), team.site(1, name)
    team.slow_account(name)
    process = team.start(0, "--env", name, "up", "--yes", "--data-only")
    team.wait_for(name, "/Microsoft.Automation/")
    with pytest.raises(InfrastructureError, match=r"held by \S+ since \d") as caught:
        up(there, UpOrder(data_only=True))
    assert caught.value.data["lock"]["Operation"] == "OperationTypeApply"
    assert process.poll() is None
    kill_family(process)
    process.communicate()
    with pytest.raises(InfrastructureError, match="left its lock"):  # a lease does not end with its holder
        down(here)
    with pytest.raises(RefusedError, match="does not show"):
        down(there, DownOrder(unlock=True))
    up(here, UpOrder(data_only=True, unlock=True))
    assert status(there).switch.armed  # type: ignore[union-attr]
    down(there)
    assert team.of(name) == []


def test_an_interrupted_command_leaves_no_lock(team: Team) -> None:
    name = "cancelled"
    team.slow_account(name)
    process = team.start(0, "--env", name, "up", "--yes", "--data-only")
    team.wait_for(name, "/Microsoft.Automation/")
    family = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, signal.SIGTERM)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 4, err
    assert psutil.wait_procs(family, timeout=60)[1] == []
    down(team.site(1, name))
    assert team.of(name) == []
