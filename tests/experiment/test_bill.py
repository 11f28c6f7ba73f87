"""A run's bill has the clusters that it has ordered, before and after it was interrupted, and no others."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from aerial_ops.experiment.bill import bill_of, keep_bill, kept_usd
from aerial_ops.experiment.journal import RunJournal
from aerial_ops.experiment.plan import Experiment
from aerial_ops.infrastructure.cost import BILL, CLUSTER
from aerial_ops.infrastructure.down import Removed
from aerial_ops.infrastructure.environments import Environment
from tests.notes import Notes

PLAN = Experiment.model_validate({"name": "trial", "source": {"folder": "images"}, "train": [{"name": "rf"}]})


def run_in(home: Path, name: str) -> Any:
    environment = Environment("trial", home)
    journal = RunJournal(home / "runs" / name, Notes())
    return SimpleNamespace(journal=journal, site=SimpleNamespace(environment=environment), report=journal.report)


def cluster(run: Any, usd: float, *, by_second: float | None = None) -> None:
    """The run orders a cluster, and it goes."""
    environment = run.site.environment
    with environment.journal.step(CLUSTER, cluster="spark", workers=2):
        pass
    pay(run, usd, by_second)


def pay(run: Any, usd: float, by_second: float | None = None, covers: int | None = None) -> None:
    journal = run.site.environment.journal
    covers = len(journal.entries()) if covers is None else covers
    journal.write("done", BILL, usd=usd, usd_by_second=by_second or usd, cluster="spark", covers=covers)


def test_only_its_own_clusters_count(tmp_path: Path) -> None:
    before, mine = run_in(tmp_path, "1"), run_in(tmp_path, "2")
    before.journal.begin(PLAN)
    cluster(before, 4.0)
    environment = before.site.environment
    with environment.journal.step(CLUSTER, cluster="spark", workers=2):
        pass  # kept, and the deadline removes it
    old = len(environment.journal.entries())
    mine.journal.begin(PLAN)
    assert bill_of(mine) is None
    pay(mine, 8.0, covers=old)  # the next `up` notes what the deadline has removed: it is the earlier run's
    cluster(mine, 2.0, by_second=1.5)
    found = bill_of(mine)
    assert found is not None and (found.usd, found.usd_by_second, len(found.clusters)) == (2.0, 1.5, 1)


def test_a_run_that_went_on_pays_for_both_clusters(tmp_path: Path) -> None:
    run = run_in(tmp_path, "1")
    run.journal.begin(PLAN)
    cluster(run, 1.0, by_second=0.75)
    run.site.environment.forget()  # the interrupted run has removed its environment
    run.journal.begin(PLAN)
    cluster(run, 2.0)
    found = bill_of(run)
    assert found is not None and (found.usd, found.usd_by_second) == (3.0, 2.75)
    keep_bill(run, found, Removed("trial", ("a",), False, found.usd))
    assert kept_usd(run.journal.folder) == pytest.approx(2.75)


def test_a_bill_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    run = run_in(tmp_path, "1")
    run.journal.begin(PLAN)
    cluster(run, 1.0)
    found = bill_of(run)
    (run.journal.folder / "bill.json").mkdir()
    assert found is not None
    keep_bill(run, found, Removed("trial", (), False, 1.0))
    assert "could not be kept" in run.report.notes[0]
    assert kept_usd(run.journal.folder) is None
