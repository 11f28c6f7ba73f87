from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aerial_ops.planning.rates import MEASURED_BEFORE, rates_from
from aerial_ops.runs.record import RunRecord

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def run(**more: Any) -> RunRecord:
    facts: dict[str, Any] = {
        "run_id": "rf-train-1",
        "kind": "train",
        "name": "rf",
        "state": "succeeded",
        "created_at": BEGAN,
        "started_at": BEGAN + timedelta(seconds=10),
        "seconds": 20.0,
        "backbone": {"name": "lite0", "sha256": "00"},
        "counts": {"train": {"listed": 600, "used": 600}, "test": {"listed": 200, "used": 200}},
        "features": {"computed": 800, "from_cache": 0},
        "timings": {"list": 0.5, "featurise": 8.0, "fit": 3.0, "evaluate": 1.0, "write": 0.5},
        "cores": 2,
    }
    return RunRecord.model_validate({**facts, **more})


def test_the_figures_of_one_run() -> None:
    found = rates_from([run()])
    assert found is not None
    assert found.featurise == pytest.approx(50.0)
    assert found.fit == pytest.approx(0.01)
    assert found.predict == pytest.approx(0.01)
    assert found.listing == pytest.approx(1600.0)
    assert found.start == pytest.approx(17.0)


@pytest.mark.parametrize(
    "more", [{"state": "failed"}, {"features": {"computed": 50}}, {"features": None}, {"cores": None}, {"timings": {}}]
)
def test_what_measures_nothing_is_left_out(more: dict[str, Any]) -> None:
    assert rates_from([run(**more)]) is None


def test_calibration_runs_are_believed_alone_for_the_features() -> None:
    calibration = run(
        kind="calibrate", features={"computed": 1000}, timings={"featurise": 5.0}, counts={"train": {"listed": 1000}}
    )
    found = rates_from([run(), run(), calibration])
    assert found is not None
    assert found.featurise == pytest.approx(100.0)
    assert found.fit == pytest.approx(0.01)
    assert "calibration" in found.source
    only = rates_from([calibration])
    assert only is not None
    assert only.fit == MEASURED_BEFORE.fit


def test_other_networks_do_not_count() -> None:
    assert rates_from([run()], "resnet18") is None
    assert rates_from([run()], "lite0") is not None
