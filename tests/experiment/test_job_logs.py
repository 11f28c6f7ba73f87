"""A failed job's logs are kept as far as the cluster and YARN have them."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from aerial_ops.experiment import job_logs
from aerial_ops.experiment.job_logs import keep_logs
from tests.memory_store import MemoryStore
from tests.notes import Notes

RUN, APP = "rf-train-1", "application_17_0001"


def jobs(store: MemoryStore, app_id: str | None, pauses: list[float] | None = None) -> Any:
    store.write("cluster", "jobs/code.zip", b"code")
    return SimpleNamespace(
        store=store,
        report=Notes(),
        log=lambda run_id: [f"log of {run_id}", "done"],
        livy=SimpleNamespace(find=lambda run_id: SimpleNamespace(app_id=app_id)),
        pause=(pauses if pauses is not None else []).append,
    )


def test_livys_log_is_all_where_there_is_no_yarn(tmp_path: Path) -> None:
    path = keep_logs(jobs(MemoryStore(), None), RUN, tmp_path)
    assert path.read_text() == f"log of {RUN}\ndone\n"
    assert [file.name for file in (tmp_path / "logs").iterdir()] == [f"{RUN}.log"]


def test_yarns_logs_are_kept_by_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_logs, "MOST_BYTES", 10)
    store = MemoryStore()
    for name, raw in ((f"{APP}/wn0_30050", b"driver"), (f"{APP}/wn1_30050", b"x" * 11), ("application_17_0002/wn0", b"other")):
        store.write("cluster", f"app-logs/livy/logs-ifile/{name}", raw)
    there = jobs(store, APP)
    keep_logs(there, RUN, tmp_path)
    assert {file.name: file.read_bytes() for file in (tmp_path / "logs" / RUN).iterdir()} == {"wn0_30050": b"driver"}
    assert "wn1_30050 is too large" in there.report.notes[0]


def test_yarns_logs_are_waited_for_and_missed(tmp_path: Path) -> None:
    pauses: list[float] = []
    there = jobs(MemoryStore(), APP, pauses)
    keep_logs(there, RUN, tmp_path)
    assert sum(pauses) == job_logs.PATIENCE_SECONDS
    assert f"no log of {APP}" in there.report.notes[0] and (tmp_path / "logs" / f"{RUN}.log").exists()
