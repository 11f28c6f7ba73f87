"""The engine synapseml with its real jars (`make synapseml` fetches them), without the Python packages of the jobs."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyspark
import pytest

from aerial_ops.backbones import graph
from aerial_ops.backbones.preprocessing import IMAGENET
from aerial_ops.emulator.jars import SYNAPSEML, complete, jars_folder, locked_jars
from spark_jobs.job import run
from tests.backbones.networks import small
from tests.backbones.test_assembly import prepared
from tests.spark_jobs.conftest import Account, fill

JARS = jars_folder(SYNAPSEML)
needs_jars = pytest.mark.skipif(not complete(JARS, SYNAPSEML), reason="SynapseML's jars are not in the cache: make synapseml")
needs_its_spark = pytest.mark.skipif(
    not pyspark.__version__.startswith("3.5."), reason="the jars' image transformer is made for Spark 3.5"
)
RUN = """
import sys
for package in ("PIL", "pyarrow", "onnxruntime", "onnx", "pandas"):
    sys.modules[package] = None
from pyspark.sql import SparkSession
from spark_jobs.job import run
jars, *orders = sys.argv[1:]
settings = SparkSession.builder.master("local[2]").config("spark.jars", jars)
spark = settings.config("spark.ui.enabled", "false").config("spark.driver.host", "127.0.0.1").getOrCreate()
for order in orders:
    run(order, spark)
"""


@pytest.fixture
def colours(tmp_path: Path) -> Account:
    """Images of three classes, one of them broken, and a prepared network with its version from floats."""
    model = prepared(small(), IMAGENET)
    account = Account(tmp_path / "with space", network=graph.serialise(model))
    fill(account)
    account.write("test", "Forest/bro[k]en.png", b"not an image")
    account.write("pretrainedmodels", "tiny.values.onnx", graph.serialise(graph.from_values(model)))
    return account


def ordered(account: Account, kind: str, run_id: str, name: str, **more: Any) -> str:
    values = account.read("pretrainedmodels", "tiny.values.onnx")
    backbone = {**account.backbone(), "length": 5}
    backbone["values"] = {"file": "tiny.values.onnx", "sha256": hashlib.sha256(values).hexdigest()}
    return account.order(kind, run_id, name=name, backbone=backbone, max_rejected=0.1, **more)


@needs_jars
@needs_its_spark
def test_both_engines_make_the_same_model_and_the_same_predictions(spark: Any, colours: Account) -> None:
    for kind, run_id in (("train", "t1"), ("score", "s1")):
        assert run(ordered(colours, kind, run_id, "m1"), spark)["status"] == "succeeded"
    orders = [ordered(colours, kind, run_id, "m2", engine="synapseml") for kind, run_id in (("train", "t2"), ("score", "s2"))]
    jars = ",".join(f"local:{JARS / jar.file}" for jar in locked_jars(SYNAPSEML))
    environment = {
        **os.environ,
        **{"PYSPARK_PYTHON": "/no/python/on/the/workers", "PYTHONPATH": str(Path.cwd())},
        "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1",
    }
    done = subprocess.run(
        [sys.executable, "-c", RUN, jars, *orders], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[done.stderr.find("Traceback") :][:3000]
    results = [colours.result(run_id) for run_id in ("t2", "s2")]
    assert [result["error"] for result in results] == [None, None], done.stderr[done.stderr.find("Traceback") :][:4000]
    for table in ("predictions_test_set", "predictions_o16n"):
        assert colours.read("predictions", f"m2_{table}.csv") == colours.read("predictions", f"m1_{table}.csv")
    assert results[0]["counts"] == colours.result("t1")["counts"]
    assert (results[0]["features"]["computed"], results[0]["features"]["cache"]) == (121, None)
    assert b"bro[k]en.png,OpenCV cannot read it" in colours.read("predictions", "m2_rejected.csv")
    assert "no pyarrow" in done.stderr


def test_without_synapseml_the_job_says_so(spark: Any, colours: Account) -> None:
    result = run(ordered(colours, "train", "t3", "m3", engine="synapseml"), spark)
    assert "SynapseML is not in this job's Spark" in result["error"]["message"]
    assert "--engine onnxruntime" in result["error"]["suggestion"]


def test_an_unknown_engine_is_refused(spark: Any, colours: Account) -> None:
    assert "must be one of: onnxruntime, synapseml" in json.dumps(run(ordered(colours, "train", "t4", "m4", engine="x"), spark))
