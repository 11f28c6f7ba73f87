"""`cost --runs`: what the cluster cost while each run lasted."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from aerial_ops.cli import show_cost
from aerial_ops.cli.output import Output
from aerial_ops.infrastructure.account import Account
from aerial_ops.infrastructure.cost import Rate
from aerial_ops.infrastructure.prices import NodePrice
from aerial_ops.storage import layout
from tests.memory_store import MemoryStore
from tests.runs.conftest import START, make_record

DEADLINE = datetime(2026, 11, 24, 18, tzinfo=UTC)


@dataclass
class Here:
    out: Output
    store: MemoryStore


def account(*, exists: bool = True, so_far: float = 2.0) -> Account:
    price = NodePrice("Standard_D12_V2", "eastus", 0.9, date(2026, 11, 24), "price list")
    return Account("trial", exists, Rate((("head", 2, price), ("worker", 2, price))), DEADLINE, so_far, 7.2)


def here(*, as_json: bool) -> Here:
    store = MemoryStore()
    for name, minutes in (("rf1", 10), ("lr1", 5)):
        record = make_record(name, started_at=START, seconds=60.0 * minutes)
        store.write("runs", layout.run_file(record.run_id, "record.json"), record.to_json())
    return Here(Output(as_json), store)


def test_each_runs_share_is_its_time_at_the_clusters_price(capsys: pytest.CaptureFixture[str]) -> None:
    show_cost.cost(here(as_json=True), account(), with_runs=True)  # type: ignore[arg-type]
    told = json.loads(capsys.readouterr().out)
    assert {run["run_id"].partition("-")[0]: (run["seconds"], run["usd"]) for run in told["runs"]} == {
        "rf1": (600.0, pytest.approx(0.6)),
        "lr1": (300.0, pytest.approx(0.3)),
    }
    assert told["usd_so_far"] == 2.0 and told["price"]["usd_per_hour"] == 3.6


def test_for_people_it_is_a_table_and_only_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    show_cost.cost(here(as_json=False), account(), with_runs=True)  # type: ignore[arg-type]
    told = capsys.readouterr().out
    assert "So far 2.00 $; 7.20 $ more if it stays until 2026-11-24 18:00 UTC." in told
    assert [line.split()[1:] for line in told.splitlines() if line.startswith("rf1-")] == [["600", "0.6000"]]
    show_cost.cost(here(as_json=False), account(exists=False), with_runs=False)  # type: ignore[arg-type]
    told = capsys.readouterr().out
    assert "rf1" not in told and "Clusters that are gone have cost 2.00 $." in told
