"""The server is killed again and again while a client works: nothing is lost, nothing is left."""

import random
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from aerial_ops.emulator.arm import lifecycle
from aerial_ops.emulator.arm.addresses import FOLDER, ArmConnection
from aerial_ops.emulator.arm.programs import SERVER
from aerial_ops.emulator.processes import Slot
from tests.emulator.arm.cloud import CLUSTER_API, GROUP_API, STORAGE_API, EmulatedCloud

pytestmark = pytest.mark.slow
PATIENCE = 60.0


class Client:
    """Does each thing until it is done, whatever becomes of the server meanwhile."""

    def __init__(self, connection: ArmConnection) -> None:
        self.there = connection
        self.group = f"/subscriptions/{connection.subscription}/resourceGroups/rg"
        trust = ssl.create_default_context(cafile=connection.ca_file)
        self.http = httpx.Client(base_url=connection.url, verify=trust, trust_env=False, timeout=30)

    def call(self, method: str, tail: str, api: str, body: Any = None) -> httpx.Response:
        return self.http.request(method, self.group + tail, params={"api-version": api}, json=body)

    def until(self, done: Callable[[], bool]) -> None:
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit:
            try:
                if "Authorization" not in self.http.headers:
                    self.sign_in()
                if done():
                    return
            except httpx.TransportError:
                pass  # the server is away
            time.sleep(0.02)
        raise AssertionError("not done in time")

    def sign_in(self) -> None:
        form = {"client_id": self.there.client_id, "client_secret": self.there.client_secret, "grant_type": "client_credentials"}
        answer = self.http.post(f"/{self.there.tenant}/oauth2/v2.0/token", data={**form, "scope": f"{self.there.url}/.default"})
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def whole_life(self) -> None:
        account, cluster = "/providers/Microsoft.Storage/storageAccounts/stone", "/providers/Microsoft.HDInsight/clusters/spark1"
        keys: list[str] = []

        def made(tail: str, api: str, body: dict[str, Any]) -> bool:
            """PUT unless it is there; wait until it says Succeeded."""
            found = self.call("GET", tail, api)
            if found.status_code == 404:
                self.call("PUT", tail, api, body)
                return False
            state: str = found.json()["properties"]["provisioningState"]
            assert state != "Failed", found.text
            return state == "Succeeded"

        self.until(lambda: made("", GROUP_API, {"location": "eastus"}))
        order = {"location": "eastus", "sku": {"name": "Standard_LRS"}}
        self.until(lambda: made(account, STORAGE_API, order))
        self.until(
            lambda: bool(keys.append(self.call("POST", f"{account}/listKeys", STORAGE_API).json()["keys"][0]["value"]) or keys)
        )
        body = cluster_body(self.there.storage_port, keys[0])
        self.until(lambda: made(cluster, CLUSTER_API, body))
        self.until(lambda: self.call("DELETE", "", GROUP_API).status_code in (202, 404))
        self.until(lambda: self.call("GET", "", GROUP_API).status_code == 404)


def cluster_body(storage_port: int, key: str) -> dict[str, Any]:
    maker = EmulatedCloud.__new__(EmulatedCloud)
    maker.storage_port = storage_port
    return maker.cluster_body(key)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_whole_life_among_kills(tmp_path: Path, seed: int) -> None:
    dice, failures = random.Random(seed), []
    connection = lifecycle.start(tmp_path, pace=600, backends="record")
    client = Client(connection)

    def work() -> None:
        try:
            client.whole_life()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    try:
        thread.start()
        kills = 0
        while thread.is_alive() and kills < 6:
            time.sleep(dice.uniform(0.0, 0.8))
            Slot(tmp_path / FOLDER, SERVER).kill()
            lifecycle.start(tmp_path)
            kills += 1
        thread.join(PATIENCE)
        assert not failures and kills, failures
        control = {"Authorization": f"Bearer {connection.control_token}"}
        state = client.http.get("/__emulator/state", headers=control).json()
        assert {resource["kind"] for resource in state["resources"]} == {"Microsoft.Authorization/roleAssignments"}
        assert state["events"] == []
        (bill,) = client.http.get("/__emulator/meter", headers=control).json()["clusters"]
        assert bill["ended"] is not None
    finally:
        thread.join(PATIENCE)
        client.http.close()
        lifecycle.stop(tmp_path)
