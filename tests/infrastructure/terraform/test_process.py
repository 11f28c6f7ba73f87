"""How a Terraform that does not end is ended; a sleeping program stands in for it."""

import sys
from pathlib import Path

import pytest

from aerial_ops.infrastructure.terraform import process
from tests.notes import Notes

# It ends on the first SIGINT, as Terraform does when it has nothing under way.
SLEEPER = "import signal, sys, time; signal.signal(signal.SIGINT, lambda *_: sys.exit(1)); time.sleep(60)"


def test_the_time_limit_holds_when_the_look_from_outside_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "LOOK_SECONDS", 0.1)
    notes, looks = Notes(), []

    def look() -> str:
        looks.append(1)
        raise KeyError("state")

    ended = process.run([sys.executable, "-c", SLEEPER], tmp_path, {}, notes, lambda event: None, 1.5, look)
    assert ended.overdue and ended.code == 1 and not ended.in_vain
    assert len(looks) == 1
    assert notes.notes[0].endswith("(KeyError: 'state'); its time limit holds.")
    assert "asked to stop" in notes.notes[1]


def test_a_wait_in_vain_is_ended_before_the_time_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "LOOK_SECONDS", 0.1)
    answers = iter(["", "", "", "Azure could not delete the group rg."])
    notes = Notes()
    ended = process.run([sys.executable, "-c", SLEEPER], tmp_path, {}, notes, lambda event: None, 50.0, lambda: next(answers))
    assert ended.in_vain == "Azure could not delete the group rg." and not ended.overdue
    assert notes.notes == [process.IN_VAIN.format(reason=ended.in_vain)]
