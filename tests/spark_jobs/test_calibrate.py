from typing import Any

from spark_jobs.job import run
from tests.spark_jobs.conftest import Account


def test_a_calibration_computes_all_features_and_keeps_nothing(spark: Any, account: Account) -> None:
    for run_id in ("c1", "c2"):
        tiles = {"container": "train", "prefix": ""}
        result = run(account.order("calibrate", run_id, tiles=tiles, cache=False), spark)
        assert result["status"] == "succeeded", result["error"]
        assert (result["features"]["computed"], result["features"]["from_cache"]) == (90, 0)
        assert result["timings"]["featurise"] > 0
    assert sorted(path.name for path in account.root.iterdir()) == [
        "middlesexma2016",
        "pretrainedmodels",
        "runs",
        "test",
        "train",
    ]


def test_a_calibration_without_images_says_so(spark: Any, account: Account) -> None:
    result = run(account.order("calibrate", "c3", tiles={"container": "train", "prefix": "nowhere/"}, cache=False), spark)
    assert result["status"] == "failed"
    assert "nowhere" in result["error"]["message"]
