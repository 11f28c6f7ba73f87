"""The real parts: an Azurite for each account, a Livy for each cluster."""

import json
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobServiceClient, ContainerSasPermissions, generate_container_sas

from aerial_ops.clouds.loopback import loopback_transport
from aerial_ops.emulator.arm import lifecycle
from aerial_ops.emulator.arm.backends import BackendError
from aerial_ops.emulator.arm.machines import Machines, account_slots
from aerial_ops.emulator.azurite import new_key
from aerial_ops.emulator.certificates import Certificates, ensure_certificates
from tests.emulator.arm.cloud import CLUSTER_API, STORAGE_API, EmulatedCloud

pytestmark = pytest.mark.slow


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    ensure_certificates(tmp_path)
    made = Machines(tmp_path / "arm", tmp_path, 1)
    yield made
    made.close()
    lifecycle.stop(tmp_path)


def blobs(machines: Machines, folder: Path, account: str, key: str) -> BlobServiceClient:
    port = json.loads((folder / "arm" / "routes.json").read_text())[account]
    return BlobServiceClient(
        f"https://{account}.blob.localhost:{port}",
        credential={"account_name": account, "account_key": key},
        transport=loopback_transport(Certificates.within(folder).authority),
        retry_total=0,
    )


def test_accounts_are_apart_keep_their_data_and_take_new_keys(machines: Machines, tmp_path: Path) -> None:
    keys = {"stone": (new_key(), new_key()), "gravel": (new_key(), new_key())}
    for account, both in keys.items():
        machines.start_storage(account, both)
    first = keys["stone"][0]
    assert machines.create_container("stone", first, "train", {"Owner": "me"})
    assert not machines.create_container("stone", first, "train", {})
    assert machines.containers("stone", first)[0].metadata == {"owner": "me"}
    assert machines.containers("gravel", keys["gravel"][0]) == []
    blobs(machines, tmp_path, "stone", first).get_blob_client("train", "a b/c+d.txt").upload_blob(b"here")
    signature = generate_container_sas(
        "stone", "train", account_key=first, permission=ContainerSasPermissions(read=True), expiry="2040-01-01"
    )
    address = "https://stone.blob.localhost:1/train/a%20b/c%2Bd.txt"
    assert machines.reachable(f"{address}?{signature}") == ""
    assert machines.reachable(address).startswith("the status is 4")
    assert "no account" in machines.reachable("https://sand.blob.localhost:1/x")
    pids = [slot.process() for slot in account_slots(tmp_path / "arm")]
    machines.start_storage("stone", keys["stone"])
    assert [slot.process() for slot in account_slots(tmp_path / "arm")] == pids
    renewed = (new_key(), keys["stone"][1])
    machines.start_storage("stone", renewed)
    assert (
        blobs(machines, tmp_path, "stone", renewed[0]).get_blob_client("train", "a b/c+d.txt").download_blob().readall()
        == b"here"
    )
    with pytest.raises(HttpResponseError):
        list(blobs(machines, tmp_path, "stone", first).list_containers())
    with pytest.raises(BackendError, match=r"answered 40[03] to GET"):
        machines.containers("stone", first)
    assert machines.delete_container("stone", renewed[0], "train")
    assert not machines.delete_container("stone", renewed[0], "train")
    machines.stop_storage("stone")
    assert not (tmp_path / "arm" / "accounts" / "stone").exists()
    with pytest.raises(BackendError, match="does not run"):
        machines.containers("stone", renewed[0])
    assert machines.containers("gravel", keys["gravel"][0]) == []


def test_a_killed_azurite_comes_back_with_its_data(machines: Machines, tmp_path: Path) -> None:
    keys = (new_key(), new_key())
    machines.start_storage("stone", keys)
    machines.create_container("stone", keys[0], "train", {})
    time.sleep(6)  # Azurite writes its index every 5 seconds
    account_slots(tmp_path / "arm")[0].kill()
    with pytest.raises(BackendError, match="does not answer"):
        machines.containers("stone", keys[0])
    machines.start_storage("stone", keys)
    assert [container.name for container in machines.containers("stone", keys[0])] == ["train"]


def test_a_cluster_runs_jobs_behind_its_gateway(tmp_path: Path) -> None:
    ensure_certificates(tmp_path)

    def real(storage_port: int) -> Callable[[Any], Machines]:
        return lambda store: Machines(tmp_path / "arm", tmp_path, storage_port)

    cloud = EmulatedCloud(tmp_path / "arm", Certificates.within(tmp_path), backends=real)
    try:
        cloud.make_cluster()
        assert cloud.last["status"] == "Succeeded", cloud.last
        cluster = cloud.call("GET", cloud.cluster_path(), CLUSTER_API).json()
        https = next(end for end in cluster["properties"]["connectivityEndpoints"] if end["name"] == "HTTPS")
        trust = ssl.create_default_context(cafile=str(cloud.certificates.authority))
        with httpx.Client(base_url=f"https://{https['location']}", verify=trust, trust_env=False, timeout=60) as livy:
            assert livy.get("/livy/batches", auth=("admin", "wrong")).status_code == 401
            assert livy.get("/livy/batches", auth=("admin", "Gate-password-1")).json()["total"] == 0
            new = {"restAuthCredential.username": "admin", "restAuthCredential.password": "Other-password-2"}
            cloud.finished(cloud.call("POST", cloud.cluster_path() + "/updateGatewaySettings", CLUSTER_API, new))
            assert livy.get("/livy/batches", auth=("admin", "Other-password-2")).status_code == 200
        containers = cloud.path("/providers/Microsoft.Storage/storageAccounts/stone/blobServices/default/containers")
        assert [each["name"] for each in cloud.call("GET", containers, STORAGE_API).json()["value"]] == ["cluster"]
        cloud.finished(cloud.call("DELETE", cloud.path()))
        assert not list((tmp_path / "arm").glob("clusters/*")) and not list((tmp_path / "arm").glob("accounts/*"))
    finally:
        cloud.close()
        lifecycle.stop(tmp_path)
