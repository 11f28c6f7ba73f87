"""An environment on the real thing: Azurite, Livy with Spark, the gateway. The tests share one and restore what they break."""

import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from pydantic import SecretStr

from aerial_ops.clouds import Cloud, cloud_of
from aerial_ops.emulator.arm import lifecycle
from aerial_ops.emulator.arm.addresses import read
from aerial_ops.emulator.azurite import new_key
from aerial_ops.emulator.ports import free_port
from aerial_ops.emulator.processes import Slot
from aerial_ops.errors import EmulatorError, StorageError
from aerial_ops.infrastructure.site import Site
from aerial_ops.infrastructure.up import UpOrder, up
from aerial_ops.settings import Settings
from aerial_ops.storage.blobs import BlobStore
from tests.emulator.waiting import lives, until

pytestmark = pytest.mark.slow
CONTAINER = "emulator-tests"

COUNT_LINES = """
import os, sys
from pyspark.sql import SparkSession
source, target = sys.argv[1:]
spark = SparkSession.builder.getOrCreate()
lines = spark.read.text(source).count()
there = spark.sparkContext.getConf().get("spark.aerialops.connectTo")
trust = spark.range(2, numPartitions=2).rdd.map(lambda _: os.environ["SSL_CERT_FILE"]).distinct().collect()
spark.createDataFrame([(lines, there, trust[0], sys.version_info[0])], "lines int, there string, trust string, python int") \\
    .coalesce(1).write.mode("overwrite").json(target)
"""
SLEEP_IN_WORKERS = """
import sys, time
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
spark.range(2, numPartitions=2).rdd.foreach(lambda _: time.sleep(600))
"""


class Cluster:
    """The gateway as a job's sender sees it."""

    def __init__(self, cloud: Cloud) -> None:
        there = cloud.cluster()
        self.client = httpx.Client(
            base_url=there.url,
            auth=(there.user, there.password.get_secret_value()),
            verify=ssl.create_default_context(cafile=str(cloud.trust())),
            headers={"X-Requested-By": "test"},
            trust_env=False,
            timeout=120,
        )

    def submit(self, file: str, *args: str) -> int:
        answer = self.client.post("/batches", json={"file": file, "args": list(args)})
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def state(self, batch: int) -> str:
        return str(self.client.get(f"/batches/{batch}").json()["state"])

    def log(self, batch: int) -> str:
        return "\n".join(self.client.get(f"/batches/{batch}/log", params={"from": 0, "size": 1000}).json()["log"])


@pytest.fixture(scope="module")
def cloud(emulator: Settings) -> Cloud:
    return cloud_of(emulator)


@pytest.fixture(scope="module")
def cluster(cloud: Cloud) -> Iterator[Cluster]:
    cluster = Cluster(cloud)
    with cluster.client:
        yield cluster


@pytest.fixture(scope="module", autouse=True)
def container(store: BlobStore) -> None:
    store.ensure_containers([CONTAINER])


@pytest.fixture
def folder(emulator: Settings) -> Iterator[Path]:
    """The emulator's folder; what a test breaks is started again."""
    folder = emulator.home / "emulator"
    yield folder
    lifecycle.start(folder)


NAMES = ("arm", "storage-router", "azurite", "gateway", "livy")


def slot(folder: Path, name: str) -> Slot:
    """The place of a program; of an Azurite or a Livy there is one."""
    home = folder / "arm"
    [place] = {"azurite": home.glob("accounts/*"), "gateway": home.glob("clusters/*"), "livy": home.glob("clusters/*")}.get(
        name, [home]
    )
    return Slot(place, name)


def pids(folder: Path) -> dict[str, int | None]:
    return {program.name: program.pid for program in lifecycle.status(folder).programs}


def kill(folder: Path, name: str) -> None:
    os.kill(pids(folder)[name] or 0, signal.SIGKILL)
    until(lambda: slot(folder, name).process() is None)


def works(folder: Path) -> bool:
    """Whether a job has come so far that its Python workers run: Livy, spark-submit, the driver, its Python, the workers."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return any("pyspark.daemon" in process.cmdline() for process in slot(folder, "livy").members())
    return False


@pytest.mark.parametrize("name", ["plain.txt", "a folder/ä ö ü + %20 #1?.png", "deep/" * 20 + "x"])
def test_blobs_come_back(store: BlobStore, name: str) -> None:
    store.write(CONTAINER, name, b"bytes \x00\xff")
    assert store.read(CONTAINER, name) == b"bytes \x00\xff"
    (blob,) = store.list(CONTAINER, name)
    assert (blob.name, blob.size) == (name, 8)
    store.delete(CONTAINER, name)
    assert not store.exists(CONTAINER, name)


def test_the_storage_knows_its_key_only(cloud: Cloud, store: BlobStore) -> None:
    stranger = BlobStore(replace(cloud.storage(), credential=SecretStr(new_key())), cloud.blob_transport())
    with pytest.raises(StorageError, match="not allowed"):
        stranger.read(CONTAINER, "x")


def test_a_job_of_the_storage_reads_and_writes_the_storage(cloud: Cloud, store: BlobStore, cluster: Cluster) -> None:
    store.write(CONTAINER, "jobs/count.py", COUNT_LINES)
    store.write(CONTAINER, "in/ä b.txt", "one\ntwo\nthree\n")
    there = cloud.storage()
    batch = cluster.submit(
        there.wasb_url(CONTAINER, "jobs/count.py"), there.wasb_url(CONTAINER, "in/ä b.txt"), there.wasb_url(CONTAINER, "out")
    )
    until(lambda: cluster.state(batch) not in ("starting", "running"), 300)
    assert cluster.state(batch) == "success", cluster.log(batch)
    (part,) = [blob.name for blob in store.list(CONTAINER, "out/part-")]
    told = json.loads(store.read(CONTAINER, part))
    assert Path(told.pop("trust")).resolve() == cloud.trust()
    assert told == {"lines": 3, "there": "127.0.0.1", "python": 3}


def test_a_job_that_fails_is_dead_and_its_log_says_why(cloud: Cloud, store: BlobStore, cluster: Cluster) -> None:
    store.write(CONTAINER, "jobs/fails.py", "raise ValueError('no such thing')")
    batch = cluster.submit(cloud.storage().wasb_url(CONTAINER, "jobs/fails.py"))
    until(lambda: cluster.state(batch) not in ("starting", "running"), 300)
    assert cluster.state(batch) == "dead"
    log = cluster.log(batch)
    assert "ValueError: no such thing" in log
    assert len(log.splitlines()) < 30, "only what matters"


def test_the_rules_of_a_cluster(cloud: Cloud, cluster: Cluster) -> None:
    good = {"file": cloud.storage().wasb_url(CONTAINER, "jobs/x.py")}
    local = cluster.client.post("/batches", json={"file": "/etc/passwd"})
    assert (local.status_code, "cannot be added to user sessions" in local.json()["msg"]) == (400, True)
    del cluster.client.headers["X-Requested-By"]
    try:
        bare = cluster.client.post("/batches", json=good)
    finally:
        cluster.client.headers["X-Requested-By"] = "test"
    assert (bare.status_code, "CSRF" in bare.text) == (400, True)
    assert cluster.client.get("/batches", auth=("admin", "wrong")).status_code == 401
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(cloud.cluster().url)


def test_the_gateway_answers_many_at_once(cluster: Cluster) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: cluster.client.get("/batches").status_code, range(64)))
    assert answers == [200] * 64


def test_no_secret_is_in_any_argument(cloud: Cloud, cluster: Cluster, store: BlobStore, folder: Path) -> None:
    store.write(CONTAINER, "jobs/sleep.py", SLEEP_IN_WORKERS)
    batch = cluster.submit(cloud.storage().wasb_url(CONTAINER, "jobs/sleep.py"))
    until(lambda: works(folder), 180)
    storage, jobs, azure = cloud.storage(), cloud.cluster(), read(folder)
    arguments = "\n".join(" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"]))
    assert storage.url.removeprefix("https://") in arguments
    assert isinstance(storage.credential, SecretStr)
    for secret in (storage.credential, jobs.password, SecretStr(azure.client_secret), SecretStr(azure.control_token)):
        assert secret.get_secret_value() not in arguments
    cluster.client.delete(f"/batches/{batch}")
    until(lambda: len(slot(folder, "livy").members()) == 1)


def test_everything_is_listed_and_a_second_start_changes_nothing(folder: Path, cloud: Cloud) -> None:
    status = lifecycle.status(folder)
    account, before = cloud.storage().account, pids(folder)
    assert status.running
    assert sorted((program.name, program.of == account) for program in status.programs) == sorted(
        (name, name == "azurite") for name in NAMES
    )
    assert all(program.log.exists() and program.port for program in status.programs)
    lifecycle.start(folder)
    assert pids(folder) == before


def test_azurite_comes_back_after_a_crash_where_it_was(folder: Path, store: BlobStore) -> None:
    before, connection = pids(folder), read(folder)
    store.write(CONTAINER, "kept", b"1")
    time.sleep(6)  # Azurite writes its index every five seconds
    kill(folder, "azurite")
    assert not lifecycle.status(folder).running
    assert lifecycle.start(folder) == connection
    assert store.read(CONTAINER, "kept") == b"1"
    assert [name for name, pid in pids(folder).items() if pid != before[name]] == ["azurite"]


@pytest.mark.parametrize("name", ["arm", "storage-router", "gateway"])
def test_what_has_crashed_comes_back_alone_where_it_was(folder: Path, store: BlobStore, cluster: Cluster, name: str) -> None:
    before = pids(folder)
    kill(folder, name)
    lifecycle.start(folder)
    assert [other for other, pid in pids(folder).items() if pid != before[other]] == [name]
    store.write(CONTAINER, "kept", b"1")
    assert cluster.client.get("/batches").status_code == 200


def test_a_livy_whose_port_was_taken_is_behind_the_gateway_still(folder: Path, cluster: Cluster) -> None:
    port = next(program.port for program in lifecycle.status(folder).programs if program.name == "livy")
    assert port is not None
    slot(folder, "livy").stop()
    with socket.create_server(("127.0.0.1", port)):
        lifecycle.start(folder)
        assert cluster.client.get("/batches").status_code == 200


def test_a_damaged_connection_is_told_and_made_anew_when_it_is_removed(folder: Path, cluster: Cluster) -> None:
    path = slot(folder, "gateway").folder / "connection.json"
    path.write_text("{")
    for command in (lifecycle.start, lifecycle.status):
        with pytest.raises(EmulatorError, match="is damaged"):
            command(folder)
    path.unlink()
    lifecycle.start(folder)
    assert cluster.client.get("/batches").status_code == 200


def test_what_does_not_come_up_is_told_with_its_log(folder: Path, cloud: Cloud) -> None:
    port = urlsplit(cloud.cluster().url).port or free_port()
    slot(folder, "gateway").stop()
    with socket.create_server(("127.0.0.1", port)), pytest.raises(EmulatorError, match="The gateway ended") as caught:
        lifecycle.start(folder)
    assert "address already in use" in str(caught.value)
    assert {name for name, pid in pids(folder).items() if pid is None} == {"gateway"}


def test_a_dead_livy_is_a_bad_gateway_and_its_orphans_end(cloud: Cloud, cluster: Cluster, store: BlobStore, folder: Path) -> None:
    store.write(CONTAINER, "jobs/sleep.py", SLEEP_IN_WORKERS)
    cluster.submit(cloud.storage().wasb_url(CONTAINER, "jobs/sleep.py"))
    until(lambda: works(folder), 180)
    kill(folder, "livy")
    assert cluster.client.get("/batches").status_code == 502
    orphans = slot(folder, "livy").members()
    assert orphans
    lifecycle.start(folder)
    assert not any(lives(process) for process in orphans)
    assert cluster.client.get("/batches").status_code == 200


def test_a_second_one_in_a_folder_with_a_space_survives_its_killed_command_and_stops_clean(
    emulator: Settings, tmp_path: Path
) -> None:
    settings = Settings(cloud="emulator", home=tmp_path / "a home ä")
    folder, cloud = settings.home / "emulator", cloud_of(settings)
    command = [str(Path(sys.executable).with_name("aerial-ops")), "--home", str(settings.home)]
    try:
        starting = subprocess.Popen([*command, "emulator", "start"], stdout=subprocess.DEVNULL, start_new_session=True)
        until(lambda: starting.poll() is not None or all(Slot(folder / "arm", name).process() for name in NAMES[:2]), 120)
        assert starting.poll() is None, "it ended before it could be killed"
        starting.kill()
        starting.wait()
        first = {name: process.pid for name in NAMES[:2] if (process := Slot(folder / "arm", name).process())}
        connection = lifecycle.start(folder)
        assert pids(folder) == first
        up(Site.of(settings), UpOrder(workers=2, ttl=timedelta(hours=2)))
        mine = cloud_of(emulator)
        assert cloud.storage().url != mine.storage().url
        assert cloud.cluster().url != mine.cluster().url
        store = BlobStore.of(cloud)
        store.write("cluster", "jobs/sleep.py", SLEEP_IN_WORKERS)
        cluster = Cluster(cloud)
        batch = cluster.submit(cloud.storage().wasb_url("cluster", "jobs/sleep.py"))
        until(lambda: works(folder), 180)
        assert cluster.state(batch) == "running"
        members = [process for name in NAMES for process in slot(folder, name).members()]
        stopped = subprocess.run([*command, "emulator", "stop", "--json"], capture_output=True, text=True, check=False)
        assert (stopped.returncode, json.loads(stopped.stdout)["running"]) == (0, False), stopped.stderr
        assert not any(lives(process) for process in members)
        assert lifecycle.status(emulator.home / "emulator").running, "the other one is not touched"
        assert lifecycle.start(folder) == connection
        assert store.read("cluster", "jobs/sleep.py").decode() == SLEEP_IN_WORKERS
        assert cluster.client.get("/batches").json()["total"] == 0
    finally:
        lifecycle.stop(folder)
