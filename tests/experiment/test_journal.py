"""The journal of a run: what is done, what has changed since, what a crash or a full disk does to it."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aerial_ops.experiment.journal import RunJournal, as_kept, mark_of, new_run, runs_of
from aerial_ops.experiment.plan import Experiment
from aerial_ops.infrastructure.journal import Journal
from aerial_ops.reporting import SILENT
from tests.notes import Notes

PLAN = Experiment.model_validate(
    {"name": "trial", "source": {"url": "https://a.blob.core.windows.net/?sv=1&sig=TOPSECRET"}, "train": [{"name": "rf"}]}
)


@pytest.fixture
def journal(tmp_path: Path) -> RunJournal:
    return new_run(tmp_path, SILENT)


def test_a_run_is_interrupted_until_its_end_is_known(journal: RunJournal) -> None:
    assert journal.state == "empty"
    journal.begin(PLAN)
    assert journal.state == "interrupted"
    with journal.step("Train rf"):
        pass
    assert journal.where == "Train rf"
    journal.end()
    assert journal.state == "done"


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (lambda j: j.fail("Train rf", "it failed"), "failed"),
        (lambda j: j.drop(), "empty"),
        (lambda j: j.begin(PLAN), "interrupted"),
    ],
)
def test_the_last_word_on_a_run_counts(journal: RunJournal, end: Callable[[RunJournal], None], state: str) -> None:
    journal.begin(PLAN)
    end(journal)
    assert journal.state == state


def test_a_cluster_that_was_left_is_known_until_the_run_goes_on(journal: RunJournal) -> None:
    journal.begin(PLAN)
    journal.fail("Train rf", "it failed", "2026-11-24T10:00:00Z", "2026-11-24T12:00:00Z")
    assert (journal.standing_until, journal.deadline) == ("2026-11-24T10:00:00Z", "2026-11-24T12:00:00Z")
    journal.begin(PLAN)
    assert (journal.standing_until, journal.deadline) == ("", "2026-11-24T12:00:00Z")


def test_a_step_is_done_for_the_mark_that_it_was_done_with(journal: RunJournal) -> None:
    with journal.step("Train rf", mark_of({"numTrees": 20})) as reached:
        reached["run_id"] = "rf-1"
    assert journal.reached("Train rf", mark_of({"numTrees": 20})) is not None
    assert journal.reached("Train rf", mark_of({"numTrees": 7})) is None
    with pytest.raises(ValueError, match="no"), journal.step("Train lr", "m"):
        raise ValueError("no")
    assert journal.reached("Train lr", "m") is None


def test_an_order_is_known_although_the_step_never_ended(journal: RunJournal) -> None:
    journal.order("Train rf", "m", "rf-1")
    journal.order("Train rf", "m", "rf-2")
    assert (journal.ordered("Train rf", "m"), journal.ordered("Train rf", "other")) == ("rf-2", "")


def test_no_signature_of_an_address_is_kept_and_a_new_one_changes_nothing(journal: RunJournal, tmp_path: Path) -> None:
    journal.begin(PLAN)
    assert "TOPSECRET" not in (journal.folder / "journal.jsonl").read_text()
    renewed = PLAN.model_copy(
        update={"source": PLAN.source.model_copy(update={"url": str(PLAN.source.url).replace("TOP", "NEW")})}
    )
    assert as_kept(renewed) == as_kept(PLAN) == journal.plan
    assert mark_of(as_kept(renewed)["source"]) == mark_of(as_kept(PLAN)["source"])


def test_a_torn_line_is_left_out(journal: RunJournal) -> None:
    journal.begin(PLAN)
    with (journal.folder / "journal.jsonl").open("ab") as file:
        file.write(b'{"at": "2026-11-24T10:00:00+00:00", "event": "done", "what": "run the exp')
    assert journal.state == "interrupted"
    journal.end()
    assert journal.state == "done"


def test_a_full_disk_is_told_once_and_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = Notes()
    journal = new_run(tmp_path, notes)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Journal, "write", full)
    with journal.step("Train rf"), journal.step("Train lr"):
        pass
    assert len(notes.notes) == 1 and "No space left" in notes.notes[0]
    with pytest.raises(OSError, match="No space"):  # before anything costs money it is an error
        journal.begin(PLAN)


def test_runs_are_found_in_their_order(tmp_path: Path) -> None:
    for name in ("20261124T100000-aa", "20261123T100000-bb"):
        RunJournal(tmp_path / "runs" / name, SILENT).begin(PLAN)
    (tmp_path / "runs" / "empty").mkdir()
    assert [run.name for run in runs_of(tmp_path, SILENT)] == ["20261123T100000-bb", "20261124T100000-aa"]
