"""Starting and stopping, with three quick web servers in the place of Azurite, Livy and the gateway."""

import os
import signal
import socket
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aerial_ops.emulator import lifecycle, livy
from aerial_ops.emulator.connection import FILE, Connection
from aerial_ops.emulator.processes import Service, Slot
from aerial_ops.emulator.services import NAMES, port_of
from aerial_ops.errors import EmulatorError, UsageError
from aerial_ops.reporting import SilentReporter

WEB = """
import http.server, sys
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.BaseHTTPRequestHandler).serve_forever()
"""


class Notes(SilentReporter):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=3)
    except urllib.error.HTTPError:
        return True  # 501: it is there
    except OSError:
        return False
    return True


@pytest.fixture
def broken() -> set[str]:
    """Names of programs that end as soon as they start."""
    return set()


@pytest.fixture(autouse=True)
def quick_programs(monkeypatch: pytest.MonkeyPatch, broken: set[str]) -> None:
    def service_of(name: str, folder: Path, connection: Connection, *_: Any) -> Service:
        port = port_of(connection, name)
        code = "raise SystemExit('no disk')" if name in broken else WEB
        return Service(name, name, port, [sys.executable, "-c", code, str(port)], dict(os.environ), lambda: answers(port))

    def check_of(name: str, connection: Connection, _: Any) -> Callable[[], bool]:
        return lambda: answers(port_of(connection, name))

    monkeypatch.setattr(lifecycle, "service_of", service_of)
    monkeypatch.setattr(lifecycle, "check_of", check_of)
    monkeypatch.setattr(lifecycle, "configure_livy", lambda *_: None)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "home" / "emulator"
    yield folder
    lifecycle.stop(folder)


def pids(folder: Path) -> dict[str, int | None]:
    return {service.name: service.pid for service in lifecycle.status(folder).services}


def test_start_status_stop(folder: Path) -> None:
    assert not lifecycle.status(folder).running
    connection = lifecycle.start(folder)
    status = lifecycle.status(folder)
    assert status.running
    assert (status.blob_url, status.livy_url) == (connection.blob_url, connection.livy_url)
    assert connection.key not in str(status.as_dict())
    assert connection.livy_password not in str(status.as_dict())
    assert folder.stat().st_mode & 0o777 == 0o700
    lifecycle.stop(folder)
    assert [service.state for service in lifecycle.status(folder).services] == ["stopped"] * 3


def test_start_twice_is_harmless(folder: Path) -> None:
    first, before = lifecycle.start(folder), pids(folder)
    assert lifecycle.start(folder) == first
    assert pids(folder) == before


def test_a_restart_keeps_ports_and_secrets(folder: Path) -> None:
    first = lifecycle.start(folder)
    lifecycle.stop(folder)
    assert lifecycle.start(folder) == first


@pytest.mark.parametrize("name", NAMES)
def test_only_what_is_missing_is_started(folder: Path, name: str) -> None:
    lifecycle.start(folder)
    before = pids(folder)
    os.kill(before[name] or 0, signal.SIGKILL)
    lifecycle.start(folder)
    after = pids(folder)
    assert after.pop(name) not in (None, before.pop(name))
    assert after == before


def test_a_program_that_runs_and_does_not_answer_is_started_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "PATIENCE_SECONDS", 0.1)
    lifecycle.start(folder)
    pid = pids(folder)["livy"] or 0
    os.kill(pid, signal.SIGSTOP)
    assert [service.state for service in lifecycle.status(folder).services] == ["running", "not answering", "running"]
    notes = Notes()
    lifecycle.start(folder, notes)
    assert pids(folder)["livy"] not in (None, pid)
    assert notes.notes == ["Ended 1 process that an earlier livy had left."]


def test_a_port_that_someone_else_has_taken_is_left_to_him(folder: Path) -> None:
    first = lifecycle.start(folder)
    lifecycle.stop(folder)
    port = port_of(first, "azurite")
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        notes = Notes()
        second = lifecycle.start(folder, notes)
    assert notes.notes[0].startswith(f"Port {port} is taken by another program: azurite moves to ")
    assert port_of(second, "azurite") != port
    assert (second.key, second.livy_url) == (first.key, first.livy_url)
    assert lifecycle.start(folder) == second


def test_a_failure_is_told_with_the_log_and_undoes_only_this_start(folder: Path, broken: set[str]) -> None:
    lifecycle.start(folder)
    azurite = pids(folder)["azurite"]
    for name in ("livy", "gateway"):
        Slot(folder, name).stop()
    broken.add("livy")
    with pytest.raises(EmulatorError, match="livy ended while it was starting") as caught:
        lifecycle.start(folder)
    assert "no disk" in caught.value.left
    assert pids(folder) == {"azurite": azurite, "livy": None, "gateway": None}
    broken.clear()
    lifecycle.start(folder)
    assert pids(folder)["azurite"] == azurite


def test_a_damaged_connection_is_told_and_stop_still_works(folder: Path) -> None:
    first = lifecycle.start(folder)
    (folder / FILE).write_text("{")
    for command in (lifecycle.start, lifecycle.status):
        with pytest.raises(EmulatorError, match=f"{FILE} is damaged"):
            command(folder)
    lifecycle.stop(folder)
    assert not any(Slot(folder, name).members() for name in NAMES)
    (folder / FILE).unlink()
    assert lifecycle.start(folder).key != first.key


def test_a_lost_connection_stops_what_runs_with_the_old_secrets(folder: Path) -> None:
    lifecycle.start(folder)
    before = pids(folder)
    (folder / FILE).unlink()
    lifecycle.start(folder)
    assert not set(before.values()) & set(pids(folder).values())


def test_a_moved_folder_gets_its_own_paths(folder: Path) -> None:
    first = lifecycle.start(folder)
    lifecycle.stop(folder)
    moved = folder.parent.rename(folder.parent.with_name("moved")) / "emulator"
    try:
        second = lifecycle.start(moved)
        assert second.ca_file == str(moved / "pki" / "ca.pem")
        assert second.key == first.key
    finally:
        lifecycle.stop(moved)


def test_two_who_start_at_once_start_one(folder: Path) -> None:
    connections: list[Connection] = []
    threads = [threading.Thread(target=lambda: connections.append(lifecycle.start(folder))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(connections) == 3
    assert len(set(map(str, connections))) == 1
    assert all(len(Slot(folder, name).members()) == 1 for name in NAMES)


def test_stop_where_nothing_was_started(folder: Path) -> None:
    notes = Notes()
    lifecycle.stop(folder, notes)
    assert notes.notes == []
    assert not folder.exists()


@pytest.mark.parametrize("name", ["a:b", "a,b", 'a"b', "a*b"])
def test_a_folder_that_java_cannot_use_is_refused_before_anything_is_made(tmp_path: Path, name: str) -> None:
    assert set(name) & set(livy.UNFIT_FOR_JAVA)
    with pytest.raises(UsageError, match="Java's paths cannot hold"):
        lifecycle.start(tmp_path / name / "emulator")
    assert list(tmp_path.iterdir()) == []
