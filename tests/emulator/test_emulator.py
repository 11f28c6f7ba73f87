"""The real thing: Azurite, Livy with Spark, the gateway. The tests of this file share one and restore what they break."""

import contextlib
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import psutil
import pytest
from pydantic import SecretStr

from aerial_ops.clouds import Cloud, cloud_of
from aerial_ops.emulator import lifecycle
from aerial_ops.emulator.azurite import new_key
from aerial_ops.emulator.connection import Connection, read_connection
from aerial_ops.emulator.processes import Slot
from aerial_ops.emulator.services import NAMES
from aerial_ops.errors import StorageError
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


def pid_of(folder: Path, name: str) -> int:
    process = Slot(folder, name).process()
    assert process is not None
    return process.pid


def works(folder: Path) -> bool:
    """Whether a job has come so far that its Python workers run: Livy, spark-submit, the driver, its Python, the workers."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return any("pyspark.daemon" in process.cmdline() for process in Slot(folder, "livy").members())
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
    with pytest.raises(StorageError, match="HTTP 403"):
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
    assert json.loads(store.read(CONTAINER, part)) == {"lines": 3, "there": "127.0.0.1", "trust": str(cloud.trust()), "python": 3}


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
    there = read_connection(folder)
    arguments = "\n".join(" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"]))
    assert there.blob_url.removeprefix("https://") in arguments
    assert there.key not in arguments
    assert there.livy_password not in arguments
    cluster.client.delete(f"/batches/{batch}")
    until(lambda: len(Slot(folder, "livy").members()) == 1)


def test_azurite_comes_back_after_a_crash_where_it_was(folder: Path, store: BlobStore) -> None:
    before = {name: pid_of(folder, name) for name in NAMES}
    connection = read_connection(folder)
    store.write(CONTAINER, "kept", b"1")
    time.sleep(6)  # Azurite writes its index every five seconds
    os.kill(before["azurite"], signal.SIGKILL)
    until(lambda: Slot(folder, "azurite").process() is None)
    assert lifecycle.start(folder) == connection
    assert store.read(CONTAINER, "kept") == b"1"
    assert {name: pid_of(folder, name) == pid for name, pid in before.items()} == {
        "azurite": False,
        "livy": True,
        "gateway": True,
    }


def test_a_dead_livy_is_a_bad_gateway_and_its_orphans_end(cloud: Cloud, cluster: Cluster, store: BlobStore, folder: Path) -> None:
    store.write(CONTAINER, "jobs/sleep.py", SLEEP_IN_WORKERS)
    cluster.submit(cloud.storage().wasb_url(CONTAINER, "jobs/sleep.py"))
    until(lambda: works(folder), 180)
    os.kill(pid_of(folder, "livy"), signal.SIGKILL)
    until(lambda: Slot(folder, "livy").process() is None)
    assert cluster.client.get("/batches").status_code == 502
    orphans = Slot(folder, "livy").members()
    assert orphans
    lifecycle.start(folder)
    assert not any(lives(process) for process in orphans)
    assert cluster.client.get("/batches").status_code == 200


def test_a_second_one_in_a_folder_with_a_space_survives_its_killed_command_and_stops_clean(
    emulator: Settings, tmp_path: Path
) -> None:
    settings = Settings(cloud="emulator", home=tmp_path / "a home ä")
    folder, cloud = settings.home / "emulator", cloud_of(settings)
    command = [str(Path(sys.executable).with_name("aerial-ops")), "--home", str(settings.home), "emulator", "start", "--json"]
    try:
        starting = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
        until(lambda: starting.poll() is not None or all(Slot(folder, name).process() for name in NAMES), 120)
        assert starting.poll() is None, "it ended before it could be killed"
        starting.kill()
        starting.wait()
        first = {name: pid_of(folder, name) for name in NAMES}
        connection: Connection = lifecycle.start(folder)
        assert {name: pid_of(folder, name) for name in NAMES} == first
        mine = read_connection(emulator.home / "emulator")
        assert {connection.blob_url, connection.livy_url, connection.key}.isdisjoint({mine.blob_url, mine.livy_url, mine.key})
        store = BlobStore.of(cloud)
        store.ensure_containers([CONTAINER])
        assert list(store.list(CONTAINER)) == []
        store.write(CONTAINER, "jobs/sleep.py", SLEEP_IN_WORKERS)
        cluster = Cluster(cloud)
        batch = cluster.submit(cloud.storage().wasb_url(CONTAINER, "jobs/sleep.py"))
        until(lambda: works(folder), 180)
        assert cluster.state(batch) == "running"
        members = [process for name in NAMES for process in Slot(folder, name).members()]
        stopped = subprocess.run([*command[:-2], "stop", "--json"], capture_output=True, text=True, check=False)
        assert (stopped.returncode, '"running": false' in stopped.stdout) == (0, True), stopped.stderr
        assert not any(lives(process) for process in members)
        assert lifecycle.status(emulator.home / "emulator").running, "the other one is not touched"
        assert lifecycle.start(folder) == connection
        assert store.read(CONTAINER, "jobs/sleep.py").decode() == SLEEP_IN_WORKERS
    finally:
        lifecycle.stop(folder)
