"""The plugin as its users run it: in a pytest of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from pytest_azurite.server import AzuriteServer

ROUND_TRIP = """
    def test_round_trip(azurite_container):
        azurite_container.client.upload_blob("a/b.txt", b"hello")
        assert azurite_container.client.download_blob("a/b.txt").readall() == b"hello"
"""


def test_a_container_for_each_test_on_one_server(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from azure.storage.blob import BlobServiceClient

        seen = []

        @pytest.mark.parametrize("n", ["A b/C", "x" * 80])
        def test_is_empty_and_new(azurite_container, azurite_connection_string, n):
            assert list(azurite_container.client.list_blobs()) == []
            azurite_container.client.upload_blob("x", b"1")
            service = BlobServiceClient.from_connection_string(azurite_connection_string)
            assert [c.name for c in service.list_containers()] == [azurite_container.name]
            assert service.get_container_client(azurite_container.name).url == azurite_container.url
            seen.append((azurite_container.server.port, azurite_container.name))

        def test_were_two_on_one_server(azurite):
            assert len({port for port, _ in seen}) == 1
            assert len({name for _, name in seen}) == 2
            service = BlobServiceClient(azurite.url, credential=azurite.key)
            assert list(service.list_containers()) == []
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=3)


def test_faults_and_restarts(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import httpx
        import pytest

        def test_data_outlives_a_restart(azurite, azurite_container):
            azurite_container.client.upload_blob("x", b"kept")
            port = azurite.port
            azurite.restart()
            assert azurite.port == port
            assert azurite_container.client.download_blob("x").readall() == b"kept"

        @pytest.mark.parametrize("how", ["stop", "kill"])
        def test_nobody_answers_while_it_is_down(azurite, azurite_container, how):
            getattr(azurite, how)()
            assert not azurite.running
            with pytest.raises(httpx.ConnectError):
                httpx.get(azurite.url)
            azurite.start()
            azurite.start()
            assert httpx.get(azurite.url).headers["server"].startswith("Azurite")

        def test_leaves_it_down(azurite, azurite_container):
            azurite.stop()

        def test_finds_it_up(azurite_container):
            azurite_container.client.upload_blob("x", b"1")
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=5)


def test_location_and_keep(pytester: pytest.Pytester, tmp_path: Path) -> None:
    pytester.makepyfile(ROUND_TRIP)
    pytester.runpytest_subprocess("--azurite-location", str(tmp_path / "here"), "--azurite-keep").assert_outcomes(passed=1)
    pytester.makepyfile(
        """
        def test_it_is_still_there(azurite):
            from azure.storage.blob import BlobServiceClient
            service = BlobServiceClient(azurite.url, credential=azurite.key)
            assert [c.name.rpartition("-")[0] for c in service.list_containers()] == ["test-round-trip"]
        """
    )
    pytester.makeini(f"[pytest]\nazurite_location = {tmp_path / 'here'}\n")
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_failed_test_shows_its_requests(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_passes(azurite_container):
            azurite_container.client.upload_blob("not-of-interest", b"")

        def test_fails(azurite_container):
            assert azurite_container.client.get_blob_client("missing").exists()
        """
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*Azurite's log (*", "*HEAD *missing*404*"])
    assert "not-of-interest" not in result.stdout.str()


@pytest.mark.parametrize("access_log", [True, False])
def test_a_server_of_ones_own_may_go_without_a_line_for_each_request(tmp_path: Path, access_log: bool) -> None:
    server = AzuriteServer(tmp_path, access_log=access_log)
    server.start()
    try:
        httpx.get(f"{server.url}/missing")
        until = time.monotonic() + 5
        while access_log and "missing" not in server.log.read_text() and time.monotonic() < until:
            time.sleep(0.05)
        assert ("missing" in server.log.read_text()) == access_log
    finally:
        server.stop()


def test_a_port_that_is_no_number_is_told(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(ROUND_TRIP)
    pytester.makeini("[pytest]\nazurite_port = tenthousand\n")
    result = pytester.runpytest_subprocess()
    result.stdout.fnmatch_lines(["*azurite_port must be a number, not 'tenthousand'*"])


def test_workers_have_a_server_each(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os
        import pytest

        @pytest.mark.parametrize("n", range(4))
        def test_round_trip(azurite_container, n):
            azurite_container.client.upload_blob("x", b"1")
            assert os.environ["PYTEST_XDIST_WORKER"] in str(azurite_container.server.location)
        """
    )
    pytester.runpytest_subprocess("-n2", "--azurite-location", str(pytester.path / "data")).assert_outcomes(passed=4)


def test_it_ends_with_a_killed_pytest(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pathlib
        import time

        def test_long(azurite):
            pathlib.Path("url").write_text(azurite.url)
            time.sleep(600)
        """
    )
    running = subprocess.Popen([sys.executable, "-m", "pytest", "-q", "--azurite-location", "data"], cwd=pytester.path)
    try:
        url = pytester.path / "url"
        _until(lambda: url.exists() and bool(url.read_text()))
        (server,) = psutil.Process(running.pid).children()
        assert httpx.get(url.read_text()).headers["server"].startswith("Azurite")
    finally:
        os.kill(running.pid, signal.SIGKILL)
        running.wait()
    _until(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE)


def test_spark_reads_and_writes_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from pyspark.sql import SparkSession

        def test_spark(azurite_container, azurite_spark_conf, azurite_spark_url):
            azurite_container.client.upload_blob("in/lines.txt", b"a\\nb\\nc\\n")
            builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
            for key, value in azurite_spark_conf.items():
                builder = builder.config(key, value)
            with builder.getOrCreate() as spark:
                spark.read.text(f"{azurite_spark_url}/in/lines.txt").write.parquet(f"{azurite_spark_url}/out")
            assert azurite_container.client.get_blob_client("out/_SUCCESS").exists()
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def _until(true: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)
