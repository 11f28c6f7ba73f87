"""Whole jobs, from spec.json to result.json, over local folders."""

import io
import json
import shutil
from typing import Any

import numpy as np
import pytest
from pyarrow import parquet

from spark_jobs import models
from spark_jobs.job import run
from spark_jobs.main import main
from tests.spark_jobs.conftest import Account, png, tiny_network

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", ["random-forest", "logistic-regression"])
def test_train_then_score(spark: Any, account: Account, kind: str) -> None:
    classifier = {"kind": kind, "params": {}, "seed": 3}
    result = run(account.order("train", "t1", classifier=classifier), spark)

    assert result["error"] is None
    assert result == account.result("t1")
    assert (result["status"], result["kind"], result["name"], result["run_id"]) == ("succeeded", "train", "m1", "t1")
    assert result["counts"]["train"] == {"listed": 90, "sampled": 90, "used": 90, "rejected": 0}
    assert result["counts"]["test"] == {"listed": 30, "sampled": 30, "used": 30, "rejected": 0}
    assert set(result["timings"]) == {"list", "featurise", "fit", "evaluate", "write"}
    assert result["cores"] == 2
    metrics = result["metrics"]
    assert metrics["classes"] == ["Barren", "Forest", "Shrub"]
    assert [sum(row) for row in metrics["confusion"]] == [10, 10, 10]
    assert metrics["accuracy"] > 0.7

    info = account.read("trainedmodels", "m1/model.info").decode()
    assert info == (
        "output_model_name,m1\nmodel_source,mmlspark\npretrained_model_type,tiny\nretraining_type,transfer\n"
        f"mmlspark_model_type,{kind.replace('-', '_')}\n"
    )
    assert account.read("trainedmodels", "m1/labels_to_inds.tsv") == b"Barren\t0\nForest\t1\nShrub\t2\n"
    assert (account.root / "trainedmodels/m1/model/metadata").is_dir()
    assert not list(account.root.glob("trainedmodels/m1/_staging*"))
    lines = account.read("predictions", "m1_predictions_test_set.csv").decode().split("\n")
    assert lines[0] == "filepath,label,pred_label"
    assert lines[1].startswith("Barren/000.png,Barren,")
    assert lines[1:-1] == sorted(lines[1:-1])
    assert len(lines) == 32
    right = sum(line.split(",")[1] == line.split(",")[2] for line in lines[1:-1])
    assert right / 30 == pytest.approx(metrics["accuracy"], abs=1e-6)
    assert account.read("predictions", "m1_rejected.csv") == b"filepath,reason\n"

    scored = run(account.order("score", "s1"), spark)
    assert scored["error"] is None
    assert scored["metrics"] is None
    assert scored["counts"] == {"tiles": {"listed": 30, "sampled": 30, "used": 30, "rejected": 0}}
    assert sum(scored["predicted"].values()) == 30
    assert set(scored["timings"]) == {"list", "featurise", "predict", "write"}
    county = account.read("predictions", "m1_predictions_o16n.csv").decode().splitlines()
    assert county[0] == "filepath,pred_label"
    assert county[1].split(",")[0] == "B_000.png"
    table = parquet.read_table(io.BytesIO(account.read("predictions", "m1_predictions_o16n.parquet")))
    assert table.column_names == ["filepath", "pred_label", "p_Barren", "p_Forest", "p_Shrub"]
    probabilities = np.column_stack([table[name] for name in table.column_names[2:]])
    assert np.allclose(probabilities.sum(axis=1), 1)
    best = [metrics["classes"][index] for index in probabilities.argmax(axis=1)]
    assert best == table["pred_label"].to_pylist() == [line.split(",")[1] for line in county[1:]]
    progress = json.loads(account.read("runs", "s1/progress.json"))
    assert set(progress) == {"stage", "done", "total", "updated_at", "timings"}
