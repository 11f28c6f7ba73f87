"""The classifier lightgbm: its parameters without anything, its models with SynapseML's real jars (`make synapseml`)."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from aerial_ops.emulator.jars import SYNAPSEML, complete, jars_folder, locked_jars
from aerial_ops.jobs.spec import DEFAULTS, PARAMETERS
from spark_jobs import lightgbm
from spark_jobs.errors import JobError, SpecError
from spark_jobs.job import run
from spark_jobs.tables import labels_text, model_info_text
from tests.spark_jobs.conftest import Account, fill

JARS = jars_folder(SYNAPSEML)
needs_jars = pytest.mark.skipif(not complete(JARS, SYNAPSEML), reason="SynapseML's jars are not in the cache: make synapseml")
# A Spark for each number of cores, one after the other, each with orders of its own.
RUN = """
import sys
from pyspark.sql import SparkSession
from spark_jobs.job import run
jars, *groups = sys.argv[1:]
for group in groups:
    cores, *orders = group.split(",")
    settings = SparkSession.builder.master(f"local[{cores}]").config("spark.jars", jars).config("spark.ui.enabled", "false")
    spark = settings.config("spark.driver.host", "127.0.0.1").config("spark.sql.shuffle.partitions", "4").getOrCreate()
    for order in orders:
        run(order, spark)
    spark.stop()
"""
SETTINGS = {"kind": "lightgbm", "params": {"numIterations": 12, "minDataInLeaf": 5, "baggingFraction": 0.7, "baggingFreq": 1}}


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"numTrees": 5}, "LightGBM has no parameter numTrees that can be set"),
        ({"numTasks": 4, "seed": 1}, "no parameter numTasks, seed"),
        ({"numLeaves": 1}, "numLeaves is 1; it must be a whole number of at least 2 and at most 131072"),
        ({"numLeaves": 31.5}, "numLeaves is 31.5"),
        ({"numIterations": True}, "numIterations is True"),
        ({"learningRate": 0}, "learningRate is 0; it must be a number above 0"),
        ({"featureFraction": 1.5}, "featureFraction is 1.5; it must be a number above 0 and at most 1"),
        ({"lambdaL1": float("nan")}, "lambdaL1 is nan"),
        ({"boostingType": "rf"}, "boostingType is 'rf'; it must be one of gbdt, dart"),
        ({"boostingType": ["gbdt"]}, "boostingType is"),
    ],
)
def test_wrong_parameters_are_told_before_anything_is_needed(params: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        lightgbm.LightGbm.of(params, seed=0)
    assert caught.value.suggestion == f"Valid parameters of lightgbm: {', '.join(sorted(PARAMETERS['lightgbm']))}."


def test_the_kit_and_the_jobs_have_the_same_defaults() -> None:
    assert DEFAULTS["lightgbm"] == lightgbm.DEFAULTS


def test_without_synapseml_neither_training_nor_scoring_begins(spark: Any, account: Account) -> None:
    result = run(account.order("train", "t1", classifier=SETTINGS), spark)
    assert result["error"]["message"] == "SynapseML is not in this job's Spark."
    assert "--classifier random-forest" in result["error"]["suggestion"]
    assert result["features"]["computed"] == 0
    info = {"output_model_name": "m1", "model_source": "mmlspark", "pretrained_model_type": "tiny"}
    info |= {"retraining_type": "transfer", "mmlspark_model_type": "lightgbm"}
    account.write("trainedmodels", "m1/model.info", model_info_text(info))
    account.write("trainedmodels", "m1/labels_to_inds.tsv", labels_text(["Barren", "Forest", "Shrub"]))
    scored = run(account.order("score", "s1"), spark)
    assert scored["error"]["message"] == "SynapseML is not in this job's Spark." and scored["features"]["computed"] == 0


class Jvm:
    """SynapseML's package where the native library does not load, and a cluster's context."""

    def __init__(self, master: str = "yarn", **settings: str) -> None:
        self.master, self.defaultParallelism, self.settings = master, 2, settings

    @property
    def LightGBMUtils(self) -> "Jvm":
        return self

    def initializeNativeLibrary(self) -> None:
        raise OSError("libgomp.so.1: cannot open shared object file")

    @property
    def _conf(self) -> dict[str, str]:
        return {name.replace("_", "."): value for name, value in self.settings.items()}


def test_a_native_library_that_does_not_load_is_told_before_an_image_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lightgbm, "_package", lambda context: Jvm())
    monkeypatch.setattr(lightgbm.synapse, "check_there", lambda *_: None)
    with pytest.raises(JobError, match=r"cannot be loaded: libgomp\.so\.1") as caught:
        lightgbm.LightGbm.of({}, seed=0)
    assert "libgomp1 on every node" in caught.value.suggestion


@pytest.mark.parametrize(
    ("context", "threads"),
    [(Jvm(spark_executor_cores="4"), 3), (Jvm(spark_executor_cores="1"), 1), (Jvm(), 1), (Jvm("local[2]"), 1)],
)
def test_a_core_is_left_free(context: Jvm, threads: int) -> None:
    assert lightgbm.threads(context) == threads


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Account:
    """Models on three cores (two threads) and on one, with another seed, and of two classes."""
    account = Account(tmp_path_factory.mktemp("light gbm"))
    fill(account)
    two = Account(account.root / "two")
    fill(two)
    for container in ("train", "test"):
        for file in (two.root / container / "Shrub").iterdir():
            file.unlink()
        (two.root / container / "Shrub").rmdir()
    first = [account.order(kind, f"{kind}1", name="m1", classifier=SETTINGS) for kind in ("train", "score")]
    other = account.order("train", "train3", name="m3", classifier={**SETTINGS, "seed": 7})
    dart = {"kind": "lightgbm", "params": {"boostingType": "dart", "numIterations": 5, "minDataInLeaf": 5}}
    pair = [two.order(kind, f"{kind}1", name="m1", classifier=dart) for kind in ("train", "score")]
    again = account.order("train", "train2", name="m2", classifier=SETTINGS)
    jars = ",".join(f"local:{JARS / jar.file}" for jar in locked_jars(SYNAPSEML))
    groups = [",".join(["3", *first, other, *pair]), f"1,{again}"]
    environment = {
        **os.environ,
        **{"PYSPARK_PYTHON": sys.executable, "PYTHONPATH": str(Path.cwd())},
        "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1",
    }
    done = subprocess.run(
        [sys.executable, "-c", RUN, jars, *groups], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    errors = [account.result(run_id)["error"] for run_id in ("train1", "score1", "train2", "train3")]
    errors += [two.result(run_id)["error"] for run_id in ("train1", "score1")]
    assert errors == [None] * 6, done.stderr[-3000:]
    return account


@needs_jars
def test_a_model_is_trained_saved_and_scores(trained: Account) -> None:
    assert trained.result("train1")["metrics"]["accuracy"] > 0.9
    info = trained.read("trainedmodels", "m1/model.info").decode()
    assert "mmlspark_model_type,lightgbm" in info and "model_source,mmlspark" in info
    assert trained.result("score1")["predicted"].keys() == {"Barren", "Forest", "Shrub"}
    table = pq.read_table(io.BytesIO(trained.read("predictions", "m1_predictions_o16n.parquet"))).to_pylist()
    assert len(table) == 30
    for row in table:
        chances = {name.removeprefix("p_"): value for name, value in row.items() if name.startswith("p_")}
        assert sum(chances.values()) == pytest.approx(1) and max(chances, key=chances.__getitem__) == row["pred_label"]


@needs_jars
def test_one_core_and_three_make_the_same_predictions_to_the_byte(trained: Account) -> None:
    one, other = (trained.read("predictions", f"{name}_predictions_test_set.parquet") for name in ("m1", "m2"))
    assert one == other


@needs_jars
def test_the_seed_counts(trained: Account) -> None:
    one, other = (trained.read("predictions", f"{name}_predictions_test_set.parquet") for name in ("m1", "m3"))
    assert one != other


@needs_jars
def test_two_classes(trained: Account) -> None:
    two = Account(trained.root / "two")
    assert two.result("train1")["metrics"]["classes"] == ["Barren", "Forest"]
    assert two.result("train1")["metrics"]["accuracy"] == 1
    assert sum(two.result("score1")["predicted"].values()) == 30
