import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from aerial_ops.emulator import processes
from aerial_ops.emulator.processes import Service, Slot, stop_all
from aerial_ops.errors import EmulatorError
from tests.emulator.waiting import lives, until

SLEEP = "import time; time.sleep(600)"
WITH_CHILD = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {SLEEP!r}]); time.sleep(600)"


def service(code: str, name: str = "sleeper") -> Service:
    return Service(name, "The sleeper", 1234, [sys.executable, "-c", code], dict(os.environ), lambda: False)


@pytest.fixture
def slot(tmp_path: Path) -> Iterator[Slot]:
    slot = Slot(tmp_path / "with space", "sleeper")
    slot.folder.mkdir()
    yield slot
    slot.stop(grace=1)


def test_a_program_is_found_again_by_its_pid_file(slot: Slot) -> None:
    started = slot.spawn(service(SLEEP))
    found = Slot(slot.folder, slot.name).process()
    assert found is not None
    assert found.pid == started.pid
    note = json.loads(slot.pid_file.read_text())
    assert (note["port"], note["command"][0]) == (1234, sys.executable)
    assert os.getsid(started.pid) == started.pid, "it must outlive the terminal of whoever started it"


def test_stop_ends_it_with_its_children(slot: Slot) -> None:
    slot.spawn(service(WITH_CHILD))
    until(lambda: len(slot.members()) == 2)
    members = slot.members()
    assert slot.stop() == 2
    assert not any(lives(process) for process in members)
    assert not slot.pid_file.exists()
    assert slot.stop() == 0


def test_orphans_of_a_killed_program_are_found_and_ended(slot: Slot) -> None:
    started = slot.spawn(service(WITH_CHILD))
    until(lambda: len(slot.members()) == 2)
    os.kill(started.pid, signal.SIGKILL)
    until(lambda: slot.process() is None)
    (orphan,) = slot.members()
    assert slot.stop() == 1
    assert not lives(orphan)


def test_a_zombie_that_nobody_buries_has_ended(slot: Slot) -> None:
    started = slot.spawn(service(SLEEP))
    assert slot.stop() == 1
    assert psutil.Process(started.pid).status() == psutil.STATUS_ZOMBIE, "this test is its parent and has not looked yet"
    assert slot.process() is None
    started.wait()


def test_what_ignores_sigterm_is_killed(slot: Slot) -> None:
    started = slot.spawn(
        service(f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); {SLEEP}")
    )
    until(lambda: "on" in slot.tail())
    slot.stop(grace=0.2)
    assert started.wait() == -signal.SIGKILL


def test_kill_does_not_ask(slot: Slot) -> None:
    code = (
        f"import signal; signal.signal(signal.SIGTERM, lambda *_: print('asked', flush=True)); print('on', flush=True); {SLEEP}"
    )
    slot.spawn(service(code))
    until(lambda: "on" in slot.tail())
    assert slot.kill() == 1
    assert "asked" not in slot.tail()


def test_a_pid_given_to_another_program_is_left_alone(slot: Slot) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", SLEEP])
    try:
        slot.pid_file.parent.mkdir()
        slot.pid_file.write_text(json.dumps({"pid": stranger.pid, "port": 1, "command": [sys.executable, "-c", SLEEP]}))
        assert slot.process() is None
        assert slot.stop() == 0
        assert stranger.poll() is None
        assert not slot.pid_file.exists()
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"pid": null}', '{"pid": "x"}', '{"pid": -4}', '{"pid": 999999999}'])
def test_a_damaged_pid_file_means_that_nothing_runs(slot: Slot, text: str) -> None:
    slot.pid_file.parent.mkdir()
    slot.pid_file.write_text(text)
    assert slot.process() is None


def test_two_folders_do_not_meet(slot: Slot, tmp_path: Path) -> None:
    other = Slot(tmp_path / "other", slot.name)
    other.folder.mkdir()
    mine, theirs = slot.spawn(service(SLEEP)), other.spawn(service(SLEEP))
    try:
        slot.stop()
        assert mine.wait() != 0
        assert theirs.poll() is None
        assert other.process() is not None
    finally:
        other.stop()


def test_it_outlives_the_killed_process_that_started_it(slot: Slot) -> None:
    code = f"""
import os, signal, sys
from pathlib import Path
from aerial_ops.emulator.processes import Service, Slot
service = Service("sleeper", "The sleeper", 1, [sys.executable, "-c", {SLEEP!r}], dict(os.environ), bool)
Slot(Path({str(slot.folder)!r}), "sleeper").spawn(service)
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGKILL
    process = slot.process()
    assert process is not None
    assert slot.stop() == 1
    assert not lives(process)


def test_a_program_that_ends_at_once_is_told_with_its_log(slot: Slot) -> None:
    slot.spawn(service("print('the disk is on fire'); raise SystemExit(3)"))
    with pytest.raises(EmulatorError, match="The sleeper ended while it was starting") as caught:
        slot.wait_ready("The sleeper", 1, lambda: False, 30)
    assert "the disk is on fire" in caught.value.left
    assert str(slot.log) in caught.value.suggestion


def test_a_program_that_does_not_answer_is_told_with_its_log(slot: Slot) -> None:
    slot.spawn(service(f"print('thinking', flush=True); {SLEEP}"))
    until(lambda: "thinking" in slot.tail())
    with pytest.raises(EmulatorError, match="did not answer on port 1 within 0 seconds") as caught:
        slot.wait_ready("The sleeper", 1, lambda: False, 0.2)
    assert "thinking" in caught.value.left
    assert slot.process() is not None


def test_wait_ready_waits_for_the_answer(slot: Slot) -> None:
    slot.spawn(service(SLEEP))
    answers = iter([False, False, True])
    slot.wait_ready("The sleeper", 1, lambda: next(answers), 30)
    assert next(answers, None) is None


def test_the_log_goes_on_and_a_long_one_is_put_aside(slot: Slot, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        slot.spawn(service("print('once')")).wait()
    assert slot.tail() == "once\nonce"
    monkeypatch.setattr(processes, "LOG_BYTES", 5)
    slot.spawn(service("print('anew')")).wait()
    assert slot.tail() == "anew"
    assert slot.log.with_suffix(".old.log").read_text() == "once\nonce\n"


def test_several_are_ended_at_once(slot: Slot) -> None:
    other = Slot(slot.folder, "other")
    slot.spawn(service(SLEEP))
    other.spawn(service(SLEEP, "other"))
    assert stop_all(slot, other) == 2
    assert other.process() is None
