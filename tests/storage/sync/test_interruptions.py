"""Syncs that are killed, interrupted, or lose their service half-way."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from aerial_ops.errors import StorageError
from aerial_ops.storage.blobs import BlobInfo, BlobStore
from aerial_ops.storage.manifest import read_manifest
from aerial_ops.storage.sync import SyncResult, open_source, sync
from pytest_azurite.server import AzuriteServer
from tests.storage.conftest import fill, tiles

COUNT = 1200
FILES = tiles(COUNT, 20_000)


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Enough files to be interrupted in the middle."""
    return fill(tmp_path / "train", FILES)


def command(source: Path, home: Path) -> "subprocess.Popen[str]":
    program = Path(sys.executable).with_name("aerial-ops")
    words = [program, "--home", home, "sync", "--source", source, "--json", "--parallel", "4"]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def blobs(store: BlobStore) -> dict[str, BlobInfo]:
    try:
        return {blob.name: blob for blob in store.list("train")}
    except StorageError:
        return {}  # the container is not there yet


def wait(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until, "it does not happen"
        time.sleep(0.02)


def test_after_kill_9_the_next_sync_sends_only_the_rest(many: Path, store: BlobStore, home: Path) -> None:
    killed = command(many, home)
    wait(lambda: len(blobs(store)) > 100)
    killed.kill()
    killed.communicate()
    time.sleep(0.5)  # requests that the server already has
    there = blobs(store)
    assert 100 < len(there) < COUNT
    assert read_manifest(store, "train") is None
    assert all(blob.size == len(FILES[name]) for name, blob in there.items())
    second = command(many, home)
    result = json.loads(second.communicate(timeout=120)[0])
    assert second.returncode == 0
    assert (result["there"], result["sent"]) == (len(there), COUNT - len(there))
    after = blobs(store)
    assert all(after[name].etag == blob.etag for name, blob in there.items())
    assert {name: store.read("train", name) for name in list(FILES)[::50]} == {name: FILES[name] for name in list(FILES)[::50]}
    assert len(after) == COUNT


def test_ctrl_c_says_how_far_it_got(many: Path, store: BlobStore, home: Path) -> None:
    interrupted = command(many, home)
    wait(lambda: len(blobs(store)) > 100)
    interrupted.send_signal(signal.SIGINT)
    _, told = interrupted.communicate(timeout=20)
    assert interrupted.returncode == 130
    assert f"of {COUNT:,} files are complete in the storage account" in told
    assert "same command" in told
    assert "Traceback" not in told
    again = command(many, home)
    result = json.loads(again.communicate(timeout=120)[0])
    assert result["there"] > 0
    assert result["there"] + result["sent"] == COUNT


class Background:
    """A sync in a thread."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.result: SyncResult | BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=args, kwargs=options)
        self._thread.start()

    def _run(self, *args: Any, **options: Any) -> None:
        try:
            self.result = sync(*args, **options)
        except BaseException as error:
            self.result = error

    def join(self) -> SyncResult:
        self._thread.join(180)
        assert isinstance(self.result, SyncResult), self.result
        return self.result


@pytest.mark.slow
def test_a_service_that_is_away_for_ten_seconds_is_waited_for(
    many: Path, store: BlobStore, azurite: AzuriteServer, home: Path
) -> None:
    running = Background(open_source(str(many)), store, home=home, threads=4)
    wait(lambda: len(blobs(store)) > 100)
    azurite.stop()
    time.sleep(10)
    azurite.start()
    assert running.join().total("sent") == COUNT
    assert {name: blob.size for name, blob in blobs(store).items()} == {name: len(data) for name, data in FILES.items()}


def test_a_service_that_hangs_for_a_while_is_waited_for(many: Path, store: BlobStore, azurite: AzuriteServer, home: Path) -> None:
    running = Background(open_source(str(many)), store, home=home, threads=4)
    wait(lambda: len(blobs(store)) > 100)
    assert azurite._process is not None
    process = psutil.Process(azurite._process.pid)
    process.suspend()
    time.sleep(3)
    process.resume()
    assert running.join().total("sent") == COUNT


def test_a_service_that_stays_away_ends_it_with_what_is_there(
    many: Path, store: BlobStore, azurite: AzuriteServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = Background(open_source(str(many)), store, home=home, threads=4)
    wait(lambda: len(blobs(store)) > 100)
    azurite.kill()
    monkeypatch.setattr("aerial_ops.storage.wire.time.sleep", lambda seconds: None)
    running._thread.join(120)
    assert isinstance(running.result, StorageError)
    assert f"of {COUNT:,} files are complete in the storage account." in running.result.left
    assert "The same command sends the rest." in running.result.suggestion
