import gc
import importlib
import os
import socket
import sys
import zipfile
import zipimport
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spark_jobs.worker import TaskStart, spare_waits


@pytest.fixture(autouse=True)
def frozen(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Instead of freezing what the tests have imported."""
    calls: list[bool] = []
    monkeypatch.setattr(gc, "freeze", lambda: calls.append(True))
    return calls


def test_what_was_imported_by_the_second_task_is_frozen_once(monkeypatch: pytest.MonkeyPatch, frozen: list[bool]) -> None:
    monkeypatch.setattr(sys, "meta_path", [TaskStart(None), *sys.meta_path])
    assert frozen == []
    importlib.invalidate_caches()
    importlib.invalidate_caches()
    assert frozen == [True]


def test_zip_importers_are_forgotten_and_imports_still_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "library.zip", "w") as archive:
        archive.writestr("first_of_zip.py", "value = 1")
        archive.writestr("second_of_zip.py", "value = 2")
    monkeypatch.syspath_prepend(str(tmp_path / "library.zip"))
    import first_of_zip

    monkeypatch.setattr(sys, "meta_path", [TaskStart(None), *sys.meta_path])
    importlib.invalidate_caches()
    assert not any(isinstance(finder, zipimport.zipimporter) for finder in sys.path_importer_cache.values())
    import second_of_zip

    assert (first_of_zip.value, second_of_zip.value) == (1, 2)


@pytest.mark.skipif(not hasattr(socket, "TCP_QUICKACK"), reason="this system has no TCP_QUICKACK")
def test_the_header_of_a_task_is_acknowledged_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Connection:
        def __init__(self) -> None:
            self.options: list[tuple[int, ...]] = []

        def setsockopt(self, *option: int) -> None:
            self.options.append(option)

    connection: Any = Connection()
    monkeypatch.setattr(sys, "meta_path", [TaskStart(connection), *sys.meta_path])
    assert connection.options == [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    importlib.invalidate_caches()
    assert connection.options[1:] == [(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)]


def test_outside_of_a_worker_there_is_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    first = spare_waits()
    assert first.connection is None
    assert spare_waits() is first
    assert sys.meta_path.count(first) == 1
    importlib.invalidate_caches()


@pytest.mark.slow
def test_a_worker_of_this_spark_finds_its_connection_and_is_called_before_each_task(spark: Any) -> None:
    """PySpark's inside, which other versions may have changed."""

    def look(_: Iterable[int]) -> Iterator[tuple[int, bool, int]]:
        start = spare_waits()
        calls = getattr(start, "calls", 0)
        if not hasattr(start, "calls"):
            call = start.invalidate_caches

            def count() -> None:
                start.calls += 1  # type: ignore[attr-defined]
                call()

            start.calls = 0  # type: ignore[attr-defined]
            start.invalidate_caches = count  # type: ignore[method-assign]
        port = start.connection.getsockname()[1] if start.connection else 0
        yield os.getpid(), port > 0, calls

    seen = spark.sparkContext.parallelize(range(12), 12).mapPartitions(look).collect()
    assert all(found for _, found, _ in seen)
    for process in {process for process, _, _ in seen}:
        calls = [call for which, _, call in seen if which == process]
        assert sorted(calls) == list(range(len(calls)))
