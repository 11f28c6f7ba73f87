"""What a run is expected to cost is what the last one like it has cost, and both are what the cloud has metered."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from aerial_ops.experiment.expected import Expected
from tests.experiment.stage import Stage


def run(stage: Stage, folder: Path) -> tuple[dict[str, Any], str]:
    out, err = stage.run(folder, "run", "trial.toml", "--yes", "--json")
    return json.loads(out), err


def first_minute(result: dict[str, Any]) -> float:
    """What a minute of its cluster cost, by its bill."""
    bill = json.loads((Path(result["folder"]) / "bill.json").read_text())
    [cluster] = bill["clusters"]
    begun, gone = (datetime.fromisoformat(cluster[key]) for key in ("created_at", "gone_at"))
    return float(cluster["usd_by_second"]) / (gone - begun).total_seconds() * 60


@pytest.mark.slow
def test_the_second_run_knows_its_price_beforehand(stage: Stage, folder: Path) -> None:
    before = stage.cloud.control.get("meter").json()["totalUSD"]
    first, said = run(stage, folder)
    assert first["expected_usd"] is None and "expected to cost" not in said
    metered = stage.cloud.control.get("meter").json()["totalUSD"]
    assert first["removed"]["usd"] == pytest.approx(metered - before, rel=0.01)

    second, said = run(stage, folder)
    assert second["expected_usd"] == first["usd_by_second"]
    assert 0 < first["removed"]["usd"] - first["usd_by_second"] < first_minute(first)
    assert re.search(r"This run is expected to cost \d+\.\d\d \$.*, as the last run like it: \d+\.\d minutes", said)
    assert second["removed"]["usd"] == pytest.approx(stage.cloud.control.get("meter").json()["totalUSD"] - metered, rel=0.01)

    file = folder / "trial.toml"
    file.write_text(file.read_text().replace("workers = 2", "workers = 3"))
    _, said = stage.run(folder, "run", "trial.toml", code=3)  # it shows what it would do, and there is nobody to allow it
    assert "This needs approval" in said and "$/h" in said and "expected to cost" not in said


@pytest.mark.parametrize(
    ("minutes", "price"),
    [(2.5, "0.15 $, as"), (1.96, "0.10 to 0.15 $, as"), (2.04, "0.10 to 0.15 $, as"), (60.0, "2.85 to 3.15 $")],
)
def test_the_price_is_told_in_the_whole_minutes_that_it_may_take(minutes: float, price: str) -> None:
    assert price in Expected(minutes * 0.05, 1).told(3.0)
    assert "3 runs like it" in Expected(minutes * 0.05, 3).told(3.0)
