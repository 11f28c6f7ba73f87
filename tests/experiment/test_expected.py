"""What a run is expected to cost is what the last one like it has cost, and both are what the cloud has metered."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.experiment.stage import Stage

pytestmark = pytest.mark.slow


def run(stage: Stage, folder: Path) -> tuple[dict[str, Any], str]:
    out, err = stage.run(folder, "run", "trial.toml", "--yes", "--json")
    return json.loads(out), err


def test_the_second_run_knows_its_price_beforehand(stage: Stage, folder: Path) -> None:
    before = stage.cloud.control.get("meter").json()["totalUSD"]
    first, said = run(stage, folder)
    assert first["expected_usd"] is None and "expected to cost" not in said
    metered = stage.cloud.control.get("meter").json()["totalUSD"]
    assert first["removed"]["usd"] == pytest.approx(metered - before, rel=0.01)

    second, said = run(stage, folder)
    usd = first["removed"]["usd"]
    assert second["expected_usd"] == pytest.approx(usd)
    assert f"This run is expected to cost {usd:.2f} $, as the last run like it." in said
    assert second["removed"]["usd"] == pytest.approx(stage.cloud.control.get("meter").json()["totalUSD"] - metered, rel=0.01)

    file = folder / "trial.toml"
    file.write_text(file.read_text().replace("workers = 2", "workers = 3"))
    other, said = run(stage, folder)
    assert other["expected_usd"] is None and "expected to cost" not in said
