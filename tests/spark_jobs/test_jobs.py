"""Whole jobs, from spec.json to result.json, over local folders."""

import hashlib
import io
import json
import shutil
from typing import Any

import numpy as np
import pytest
from pyarrow import parquet

from spark_jobs import models
from spark_jobs.job import run
from tests.spark_jobs.conftest import SIDE, Account, png, tiny_network

pytestmark = pytest.mark.slow
FOREST = {"kind": "random-forest", "params": {"numTrees": 3, "maxDepth": 3}, "seed": 0}


@pytest.mark.parametrize("kind", ["random-forest", "logistic-regression"])
def test_train_then_score(spark: Any, account: Account, kind: str) -> None:
    result = run(account.order("train", "t1", classifier={"kind": kind, "params": {}, "seed": 3}), spark)

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


@pytest.mark.parametrize("kind", ["random-forest", "logistic-regression"])
def test_the_same_inputs_give_the_same_bytes(spark: Any, account: Account, kind: str) -> None:
    """Enough tiles for several slices, and two runs under different names and run ids."""
    for label in ("Barren", "Forest", "Shrub"):
        for index in range(30):
            shutil.copy(account.root / "train" / label / f"{index:03d}.png", account.root / "train" / label / f"x{index}.png")
    files = []
    for name in ("a", "b"):
        order = account.order("train", f"r-{name}", name=name, classifier={"kind": kind, "seed": 5}, sample={"fraction": 0.9})
        assert run(order, spark)["error"] is None
        files.append([account.read("predictions", f"{name}_predictions_test_set.{kind}") for kind in ("csv", "parquet")])
    assert files[0] == files[1]


def test_another_seed_gives_another_forest(spark: Any, account: Account) -> None:
    files = []
    for seed in (1, 2):
        order = account.order("train", f"r{seed}", name=f"m{seed}", classifier={**FOREST, "seed": seed})
        assert run(order, spark)["error"] is None
        files.append(account.read("predictions", f"m{seed}_predictions_test_set.parquet"))
    assert files[0] != files[1]


def test_broken_images_are_set_aside_and_listed(spark: Any, account: Account) -> None:
    account.write("train", "Forest/bad, really.png", b"")
    account.write("train", "Shrub/001.png", account.read("train", "Shrub/001.png")[:300])
    account.write("test", "Barren/none.jpg", b"text")
    result = run(account.order("train", "t1", classifier=FOREST, max_rejected=0.05), spark)
    assert result["error"] is None
    assert result["counts"]["train"] == {"listed": 91, "sampled": 91, "used": 89, "rejected": 2}
    assert result["counts"]["test"] == {"listed": 31, "sampled": 31, "used": 30, "rejected": 1}
    lines = account.read("predictions", "m1_rejected.csv").decode().splitlines()
    assert lines[:3] == ["filepath,reason", "test/Barren/none.jpg,not an image", '"train/Forest/bad, really.png",empty file']
    assert lines[3].startswith("train/Shrub/001.png,damaged image:")

    account.write("middlesexma2016", "zz.png", b"")
    assert run(account.order("score", "s1", max_rejected=0.05), spark)["error"] is None
    assert account.read("predictions", "m1_rejected.csv").decode().splitlines()[1:3] == [
        "middlesexma2016/zz.png,empty file",
        "test/Barren/none.jpg,not an image",
    ]


def test_too_many_broken_images_fail_the_job(spark: Any, account: Account) -> None:
    for index in range(12):
        account.write("test", f"Forest/{index:03d}.png", b"")
    result = run(account.order("train", "t1"), spark)
    assert result["status"] == "failed"
    error = result["error"]
    assert error["type"] == "TooManyRejectedError"
    assert error["message"] == "12 of 122 images cannot be used; 1.00% may."
    assert error["details"] == [f"test/Forest/{index:03d}.png: empty file" for index in range(10)]
    assert len(account.read("runs", "t1/rejected.csv").splitlines()) == 13
    assert result["counts"]["test"]["rejected"] == 12
    assert not (account.root / "predictions").exists()
    assert not (account.root / "trainedmodels").exists()


def test_a_class_whose_images_are_all_broken_fails_the_job(spark: Any, account: Account) -> None:
    for index in range(30):
        account.write("train", f"Shrub/{index:03d}.png", b"")
    result = run(account.order("train", "t1", max_rejected=1.0), spark)
    assert result["error"]["message"] == "No image of Shrub in the train set can be used."


def test_a_sample_is_taken_of_each_class(spark: Any, account: Account) -> None:
    result = run(account.order("train", "t1", classifier=FOREST, sample={"fraction": 0.2, "seed": 1}), spark)
    assert result["counts"]["train"] == {"listed": 90, "sampled": 18, "used": 18, "rejected": 0}
    assert [sum(row) for row in result["metrics"]["confusion"]] == [2, 2, 2]


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"classifier": {"kind": "random-forest", "params": {"trees": 5}}}, "SpecError", "has no parameter trees"),
        ({"train": {"container": "nowhere"}}, "DataError", "The container nowhere does not exist"),
        ({"test": {"container": "test", "prefix": "Forest"}}, "DataError", "no class folder|no folder for"),
        (
            {"backbone": {"name": "o", "file": "o.onnx", "sha256": "0", "side": 32, "length": 6}},
            "BackboneError",
            "o.onnx does not",
        ),
        ({"schema_version": 9}, "SpecError", "schema version 9"),
    ],
)
def test_orders_that_fail_before_an_image_is_read(
    spark: Any, account: Account, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], kind: str, message: str
) -> None:
    monkeypatch.setattr("spark_jobs.engines.OnnxRuntime.rows", lambda *arguments: pytest.fail("images were read"))
    result = run(account.order("train", "t1", **changes), spark)
    assert (result["status"], result["error"]["type"], result["run_id"]) == ("failed", kind, "t1")
    assert __import__("re").search(message, result["error"]["message"])
    assert result == account.result("t1")


def test_a_taken_name_is_refused_unless_the_order_overwrites(spark: Any, account: Account) -> None:
    assert run(account.order("train", "t1", classifier=FOREST), spark)["error"] is None
    refused = run(account.order("train", "t2", classifier=FOREST), spark)
    assert refused["error"]["type"] == "ModelError"
    assert "A model named m1 exists already" in refused["error"]["message"]
    assert "featurise" not in refused["timings"]
    logistic = {"kind": "logistic-regression"}
    assert run(account.order("train", "t3", classifier=logistic, overwrite=True), spark)["error"] is None
    assert b"logistic_regression" in account.read("trainedmodels", "m1/model.info")
    assert run(account.order("score", "s1"), spark)["error"] is None
    # A cluster may start a job again: the same run may finish what it began.
    assert run(account.order("train", "t3", classifier=logistic), spark)["error"] is None


def test_a_job_that_breaks_while_it_writes_leaves_no_model(spark: Any, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(models, "publish", broken)
    result = run(account.order("train", "t1", classifier=FOREST), spark)
    assert result["error"]["type"] == "DiskFullError"
    assert not [path for path in (account.root / "trainedmodels").rglob("*") if path.is_file() and not path.name.startswith(".")]


def test_an_unexpected_exception_leaves_a_result_too(spark: Any, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spark_jobs.train.fit", lambda *arguments: 1 // 0)
    result = run(account.order("train", "t1"), spark)
    assert (result["status"], result["error"]["type"]) == ("failed", "ZeroDivisionError")
    assert result == account.result("t1")


def test_score_refuses_another_network_than_the_models(spark: Any, account: Account) -> None:
    assert run(account.order("train", "t1", classifier=FOREST), spark)["error"] is None
    other = run(account.order("score", "s1", backbone={**account.backbone(), "name": "other"}), spark)
    assert "trained on features of tiny, not of other" in other["error"]["message"]
    account.network = tiny_network(seed=2)
    changed = run(account.order("score", "s2"), spark)
    assert "tiny has changed since the model m1" in changed["error"]["message"]
    missing = run(account.order("score", "s3", name="m9"), spark)
    assert missing["error"]["type"] == "ModelError"
    assert "There is no model named m9" in missing["error"]["message"]


def test_score_by_a_retrained_network(spark: Any, account: Account) -> None:
    network = tiny_network("scores", 3, seed=4)
    about = {"schema_version": 1, "name": "net", "file": "model.onnx", "sha256": hashlib.sha256(network).hexdigest()}
    account.write("trainedmodels", "net/model.onnx", network)
    account.write("trainedmodels", "net/model.json", json.dumps({**about, "side": SIDE, "length": 3}).encode())
    account.write("trainedmodels", "net/labels_to_inds.tsv", b"Shrub\t2\nBarren\t0\nForest\t1\n")
    account.write("trainedmodels", "net/model.info", b"output_model_name,net\nmodel_source,onnx\n")
    result = run(account.order("score", "s1", name="net", backbone=None), spark)
    assert result["error"] is None
    assert sum(result["predicted"].values()) == 30
    assert list(result["predicted"]) == ["Barren", "Forest", "Shrub"]
    table = parquet.read_table(io.BytesIO(account.read("predictions", "net_predictions_o16n.parquet")))
    probabilities = np.column_stack([table[name] for name in ("p_Barren", "p_Forest", "p_Shrub")])
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert [["Barren", "Forest", "Shrub"][index] for index in probabilities.argmax(axis=1)] == table["pred_label"].to_pylist()

    account.write("trainedmodels", "net/labels_to_inds.tsv", b"Barren\t0\nForest\t1\n")
    result = run(account.order("score", "s2", name="net", backbone=None), spark)
    assert "gives 3 scores, but labels_to_inds.tsv names 2 classes" in result["error"]["message"]


def test_tiles_of_another_size_are_used(spark: Any, account: Account) -> None:
    for index in range(3):
        account.write("middlesexma2016", f"large_{index}.png", png((20, 90, 30), index, side=100))
    assert run(account.order("train", "t1", classifier=FOREST), spark)["error"] is None
    assert run(account.order("score", "s1"), spark)["counts"]["tiles"]["used"] == 33
