"""Starting and stopping the server and the router of blob endpoints; test_emulator.py has what runs behind them."""

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from aerial_ops.emulator import livy, processes
from aerial_ops.emulator.arm import lifecycle
from aerial_ops.emulator.arm.addresses import FILE, FOLDER, ArmConnection, read
from aerial_ops.emulator.arm.programs import ROUTER, SERVER
from aerial_ops.emulator.processes import Slot
from aerial_ops.errors import EmulatorError, ToolError, UsageError
from tests.notes import Notes


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "a home ä" / "emulator"
    yield folder
    lifecycle.stop(folder)


def pids(folder: Path) -> dict[str, int | None]:
    return {program.name: program.pid for program in lifecycle.status(folder).programs}


def runs(folder: Path) -> bool:
    return lifecycle.status(folder).running


@contextmanager
def taken(port: int) -> Iterator[None]:
    """Somebody else listens on the port."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        yield


def client(connection: ArmConnection, retries: int = 0) -> httpx.Client:
    trust = ssl.create_default_context(cafile=connection.ca_file)
    transport = httpx.HTTPTransport(verify=trust, retries=retries, trust_env=False)
    return httpx.Client(base_url=connection.url, transport=transport, timeout=30)


@contextmanager
def signed_in(connection: ArmConnection) -> Iterator[httpx.Client]:
    form = {
        "client_id": connection.client_id,
        "client_secret": connection.client_secret,
        "grant_type": "client_credentials",
        "scope": f"{connection.url}/.default",
    }
    with client(connection) as http:
        token = http.post(f"/{connection.tenant}/oauth2/v2.0/token", data=form).json()["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        yield http


def test_nothing_was_started(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No emulated Azure was started"):
        read(tmp_path)
    notes = Notes()
    assert lifecycle.stop(tmp_path / "none", notes) == 0
    assert [program.state for program in lifecycle.status(tmp_path / "none").programs] == ["stopped", "stopped"]
    assert not (tmp_path / "none").exists()
    assert notes.notes == []


def test_start_status_stop(folder: Path) -> None:
    connection = lifecycle.start(folder)
    status = lifecycle.status(folder)
    assert status.running
    assert [program.name for program in status.programs] == [SERVER, ROUTER]
    assert (status.connection, status.as_dict()["pace"]) == (connection, 600)
    assert connection.client_secret not in str(status.as_dict())
    assert connection.control_token not in str(status.as_dict())
    assert folder.stat().st_mode & 0o777 == 0o700
    notes = Notes()
    assert lifecycle.stop(folder, notes) == 2
    assert len(notes.notes) == 1
    assert [program.state for program in lifecycle.status(folder).programs] == ["stopped", "stopped"]
    assert lifecycle.start(folder) == connection, "ports and secrets stay"


@pytest.mark.parametrize("name", [SERVER, ROUTER])
def test_only_what_is_missing_is_started(folder: Path, name: str) -> None:
    connection = lifecycle.start(folder)
    before = pids(folder)
    assert lifecycle.start(folder) == connection
    assert pids(folder) == before
    os.kill(before[name] or 0, signal.SIGKILL)
    assert lifecycle.start(folder) == connection
    after = pids(folder)
    assert after.pop(name) not in (None, before.pop(name))
    assert after == before


@pytest.mark.slow
def test_a_server_that_runs_and_does_not_answer_is_started_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PATIENCE_SECONDS", 0.1)
    lifecycle.start(folder, backends="record")
    pid = pids(folder)[SERVER] or 0
    os.kill(pid, signal.SIGSTOP)
    assert [program.state for program in lifecycle.status(folder).programs] == ["not answering"]
    lifecycle.start(folder)
    assert pids(folder)[SERVER] not in (None, pid)


def test_a_port_that_someone_else_has_taken_is_left_to_him(folder: Path) -> None:
    first = lifecycle.start(folder)
    lifecycle.stop(folder)
    with taken(first.port):
        notes = Notes()
        second = lifecycle.start(folder, report=notes)
    assert notes.notes[0].startswith(f"Port {first.port} is taken by another program: the emulated Azure moves to ")
    assert second.port != first.port
    assert second.model_copy(update={"url": first.url}) == first
    lifecycle.stop(folder)
    with taken(first.storage_port), pytest.raises(EmulatorError, match=f"Another program has taken port {first.storage_port}"):
        lifecycle.start(folder)
    assert pids(folder) == {SERVER: None, ROUTER: None}
    assert lifecycle.start(folder) == second


def test_a_failure_is_told_with_the_log_and_undoes_only_this_start(folder: Path) -> None:
    lifecycle.start(folder)
    router = pids(folder)[ROUTER]
    Slot(folder / FOLDER, SERVER).stop()
    identity = folder / FOLDER / "identity.json"
    whole = identity.read_bytes()
    identity.write_text("{")
    with pytest.raises(EmulatorError, match="ended while it was starting") as caught:
        lifecycle.start(folder)
    assert "identity.json" in caught.value.left
    assert pids(folder) == {SERVER: None, ROUTER: router}
    lifecycle.stop(folder)
    with pytest.raises(EmulatorError, match="ended while it was starting"):
        lifecycle.start(folder)
    assert pids(folder) == {SERVER: None, ROUTER: None}
    identity.write_bytes(whole)
    lifecycle.start(folder)


def test_a_damaged_connection_is_told_and_stop_still_works(folder: Path) -> None:
    first = lifecycle.start(folder)
    (folder / FOLDER / FILE).write_text("{")
    for command in (lifecycle.start, lifecycle.status):
        with pytest.raises(EmulatorError, match=f"{FILE} is damaged"):
            command(folder)
    assert lifecycle.stop(folder) == 2
    (folder / FOLDER / FILE).unlink()
    second = lifecycle.start(folder)
    assert second.storage_suffix == first.storage_suffix, "accounts' addresses end in it"
    assert second.client_secret == first.client_secret


def test_a_moved_folder_gets_its_own_paths(folder: Path) -> None:
    first = lifecycle.start(folder)
    lifecycle.stop(folder)
    moved = folder.parent.rename(folder.parent.with_name("moved")) / "emulator"
    try:
        second = lifecycle.start(moved)
        assert second.ca_file == str(moved / "pki" / "ca.pem")
        assert second.model_copy(update={"ca_file": first.ca_file}) == first
    finally:
        lifecycle.stop(moved)


def test_new_certificates_are_shown_by_everything(folder: Path) -> None:
    connection = lifecycle.start(folder)
    before = pids(folder)
    shutil.rmtree(folder / "pki")
    assert lifecycle.start(folder) == connection
    assert not set(before.values()) & set(pids(folder).values())
    assert runs(folder)


def test_the_commands_options_stay_until_others_are_given(folder: Path) -> None:
    def run(*words: str) -> dict[str, Any]:
        command = [Path(sys.executable).with_name("aerial-ops"), "--home", folder.parent, "emulator", *words, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        shown: dict[str, Any] = json.loads(done.stdout)
        return shown

    first = run("start", "--cores", "7", "--speed", "2")
    assert [first[key] for key in ("running", "cores", "speed", "pace")] == [True, 7, 2, 600]
    assert run("start") == first == run("status")
    changed = run("start", "--pace", "1")
    assert [changed[key] for key in ("running", "cores", "speed", "pace")] == [True, 7, 2, 1]
    assert not run("stop")["running"]


def test_two_who_start_at_once_start_one(folder: Path) -> None:
    connections: list[ArmConnection] = []
    threads = [threading.Thread(target=lambda: connections.append(lifecycle.start(folder))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(connections) == 3
    assert len(set(map(str, connections))) == 1
    assert all(len(Slot(folder / FOLDER, name).members()) == 1 for name in (SERVER, ROUTER))


@pytest.mark.parametrize("name", ["a:b", "a,b", 'a"b', "a*b"])
def test_a_folder_that_java_cannot_use_is_refused_before_anything_is_made(tmp_path: Path, name: str) -> None:
    assert set(name) & set(livy.UNFIT_FOR_JAVA)
    with pytest.raises(UsageError, match="Java's paths cannot hold"):
        lifecycle.start(tmp_path / name / "emulator")
    assert list(tmp_path.iterdir()) == []


def test_without_java_nothing_is_started(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(ToolError, match="Java 17 is needed"):
        lifecycle.start(folder)
    assert not any(Slot(folder / FOLDER, name).members() for name in (SERVER, ROUTER))
    monkeypatch.delenv("JAVA_HOME")
    lifecycle.start(folder)
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    lifecycle.start(folder)


def test_start_again_kill_and_restart_keep_what_exists(folder: Path) -> None:
    connection = lifecycle.start(folder, pace=100_000, backends="record")
    assert runs(folder)
    pid = Slot(folder / FOLDER, SERVER).process()
    assert lifecycle.start(folder) == connection
    assert Slot(folder / FOLDER, SERVER).process() == pid
    for secret in ("azure.json", "identity.json"):
        assert (folder / FOLDER / secret).stat().st_mode & 0o777 == 0o600
    assert (folder / FOLDER / "state.sqlite").stat().st_mode & 0o077 == 0
    command = " ".join(pid.cmdline()) if pid else ""
    assert connection.client_secret not in command and connection.control_token not in command
    group = f"/subscriptions/{connection.subscription}/resourceGroups/rg"
    with signed_in(connection) as http:
        assert http.put(group, params={"api-version": "2023-07-01"}, json={"location": "eastus"}).status_code == 201
    Slot(folder / FOLDER, SERVER).kill()
    assert not runs(folder)
    assert lifecycle.start(folder) == connection
    with signed_in(connection) as http:
        assert http.get(group, params={"api-version": "2023-07-01"}).status_code == 200
        other = lifecycle.start(folder, cores=7)
        assert (other.port, other.cores) == (connection.port, 7)
        usages = f"/subscriptions/{connection.subscription}/providers/Microsoft.HDInsight/locations/eastus/usages"
    with signed_in(other) as http:
        assert http.get(usages, params={"api-version": "2021-06-01"}).json()["value"][0]["limit"] == 7
    assert lifecycle.stop(folder) == 1
    assert not runs(folder)


def test_a_restart_in_the_middle_of_a_request_is_a_real_one(folder: Path) -> None:
    connection = lifecycle.start(folder, backends="record")
    group = f"/subscriptions/{connection.subscription}/resourceGroups/rg"
    control = {"Authorization": f"Bearer {connection.control_token}"}
    with signed_in(connection) as http:
        fault = {"kind": "restart", "method": "PUT", "args": {"when": "after", "down": 0.2}}
        assert http.post("/__emulator/faults", json=fault, headers=control).status_code == 201
        with pytest.raises(httpx.TransportError):
            http.put(group, params={"api-version": "2023-07-01"}, json={"location": "eastus"})
    until = time.monotonic() + 60
    while not runs(folder):
        assert time.monotonic() < until, Slot(folder / FOLDER, SERVER).tail()
        time.sleep(0.05)
    with signed_in(connection) as http:
        assert http.get(group, params={"api-version": "2023-07-01"}).status_code == 200
        requests = http.get("/__emulator/requests", headers=control).json()["requests"]
        assert [request["method"] for request in requests if request["fault"] == "restart"] == ["PUT"]


def test_terraform_is_pointed_at_it(folder: Path) -> None:
    connection = lifecycle.start(folder, backends="record")
    environment = connection.terraform_environment()
    assert environment["ARM_METADATA_HOSTNAME"] == f"127.0.0.1:{connection.port}"
    assert Path(environment["SSL_CERT_FILE"]).exists()
    with client(connection) as http:
        assert http.get("/metadata/endpoints?api-version=2022-09-01").json()["suffixes"]["storage"] == connection.storage_suffix


def test_a_ci_job_gets_id_tokens_and_signs_in_with_them(folder: Path) -> None:
    connection = lifecycle.start(folder, backends="record")
    environment = connection.ci_environment()
    with client(connection) as http:
        bearer = {"Authorization": f"bearer {environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"}
        asked = http.get(f"{environment['ACTIONS_ID_TOKEN_REQUEST_URL']}&audience=api://AzureADTokenExchange", headers=bearer)
        form = {
            "client_id": environment["AZURE_CLIENT_ID"],
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": asked.json()["value"],
            "grant_type": "client_credentials",
            "scope": f"{connection.url}/.default",
        }
        assert http.post(f"/{environment['AZURE_TENANT_ID']}/oauth2/v2.0/token", data=form).status_code == 200
