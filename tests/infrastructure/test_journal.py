import json
from pathlib import Path

import psutil
import pytest

from aerial_ops.infrastructure.journal import Journal


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "folder" / "journal.jsonl")


def test_steps_are_begun_and_done(journal: Journal) -> None:
    with journal.step("make the data layer", workers=4):
        assert journal.unfinished() is not None
    assert [(entry.event, entry.what) for entry in journal.entries()] == [
        ("begun", "make the data layer"),
        ("done", "make the data layer"),
    ]
    assert journal.entries()[0].details == {"workers": 4}
    assert journal.unfinished() is None


def test_a_failure_is_kept_with_its_words(journal: Journal) -> None:
    with pytest.raises(ValueError, match="no"), journal.step("x"):
        raise ValueError("no")
    assert journal.entries()[-1].details == {"error": "ValueError: no"}
    assert journal.unfinished() is None


def test_a_torn_line_is_not_read_and_does_not_hinder_the_next(journal: Journal, tmp_path: Path) -> None:
    journal.write("begun", "one")
    path = tmp_path / "folder" / "journal.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])
    journal.write("done", "one")
    assert [entry.event for entry in journal.entries()] == ["begun", "done"]


def test_who_began_is_known_to_live_or_to_be_dead(journal: Journal, tmp_path: Path) -> None:
    journal.write("begun", "one")
    assert not journal.entries()[0].owner_is_dead
    path = tmp_path / "folder" / "journal.jsonl"
    line = json.loads(path.read_text())
    unused = next(pid for pid in range(300_000, 400_000) if not psutil.pid_exists(pid))
    for change, dead in (({"pid": unused}, True), ({"started": 1.0}, True), ({"pid": unused, "host": "elsewhere"}, False)):
        path.write_text(json.dumps({**line, **change}) + "\n")
        assert journal.entries()[0].owner_is_dead is dead
