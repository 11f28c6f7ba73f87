import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from aerial_ops.emulator.arm import lifecycle
from aerial_ops.emulator.arm.lifecycle import FOLDER, SERVER, ArmConnection
from aerial_ops.emulator.processes import Slot
from aerial_ops.errors import UsageError


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    lifecycle.stop(tmp_path)


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
        lifecycle.read(tmp_path)
    assert lifecycle.stop(tmp_path) == 0
    assert not lifecycle.running(tmp_path)


def test_start_again_kill_and_restart_keep_what_exists(folder: Path) -> None:
    connection = lifecycle.start(folder, pace=100_000, backends="record")
    assert lifecycle.running(folder)
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
    assert not lifecycle.running(folder)
    assert lifecycle.start(folder) == connection
    with signed_in(connection) as http:
        assert http.get(group, params={"api-version": "2023-07-01"}).status_code == 200
        other = lifecycle.start(folder, cores=7)
        assert (other.port, other.cores) == (connection.port, 7)
        usages = f"/subscriptions/{connection.subscription}/providers/Microsoft.HDInsight/locations/eastus/usages"
    with signed_in(other) as http:
        assert http.get(usages, params={"api-version": "2021-06-01"}).json()["value"][0]["limit"] == 7
    assert lifecycle.stop(folder) == 1
    assert not lifecycle.running(folder)


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
    while not lifecycle.running(folder):
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
