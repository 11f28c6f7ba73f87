"""A Spark session, small networks, and an image store in a folder."""

import hashlib
import io
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

SIDE = 32
LENGTH = 6
COLOURS = {"Barren": (200, 180, 140), "Forest": (20, 90, 30), "Shrub": (120, 140, 60)}


@pytest.fixture(scope="session")
def spark(azurite_spark_conf: dict[str, str]) -> Iterator[Any]:
    """One Spark for local folders and for Azurite's wasb:// addresses alike."""
    from pyspark import SparkConf
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {
        **azurite_spark_conf,
        # In a short life, the JVM's second compiler costs more than it gains.
        "spark.driver.extraJavaOptions": azurite_spark_conf["spark.driver.extraJavaOptions"] + " -XX:TieredStopAtLevel=1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "4",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.aerialops.connectTo": "127.0.0.1",
    }
    session = (
        SparkSession.builder.master("local[2]").appName("tests").config(conf=SparkConf().setAll(settings.items())).getOrCreate()
    )
    yield session
    session.stop()


def tiny_network(output: str = "features", length: int = LENGTH, side: int = SIDE, seed: int = 1) -> bytes:
    """Mean colour of a tile, times a fixed matrix: tells classes apart by colour."""
    weights = np.random.default_rng(seed).normal(size=(3, length)).astype(np.float32) / 64
    nodes = [
        helper.make_node("Cast", ["tiles"], ["values"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["values"], ["colour"], axes=[1, 2], keepdims=0),
        helper.make_node("MatMul", ["colour", "weights"], [output]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("tiles", TensorProto.UINT8, ["N", side, side, 3])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["N", length])],
        [numpy_helper.from_array(weights, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def png(colour: tuple[int, int, int], seed: int, side: int = SIDE) -> bytes:
    """A noisy tile around a colour."""
    noise = np.random.default_rng(seed).normal(0, 25, (side, side, 3)) + np.random.default_rng(seed).normal(0, 25, 3)
    sink = io.BytesIO()
    Image.fromarray(np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)).save(sink, "PNG")
    return sink.getvalue()


@dataclass
class Account:
    """Containers in a folder, and the orders of jobs on them."""

    root: Path
    network: bytes = field(default_factory=tiny_network)

    def write(self, container: str, name: str, data: bytes) -> None:
        path = self.root / container / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def read(self, container: str, name: str) -> bytes:
        return (self.root / container / name).read_bytes()

    def result(self, run_id: str) -> dict[str, Any]:
        return dict(json.loads(self.read("runs", f"{run_id}/result.json")))

    def backbone(self) -> dict[str, Any]:
        sha256 = hashlib.sha256(self.network).hexdigest()
        return {"name": "tiny", "file": "tiny.onnx", "sha256": sha256, "side": SIDE, "length": LENGTH}

    def order(self, kind: str, run_id: str, **changes: Any) -> str:
        """Write a spec.json; its URL."""
        spec: dict[str, Any] = {"schema_version": 1, "kind": kind, "run_id": run_id, "name": "m1", "backbone": self.backbone()}
        if kind == "train":
            spec["classifier"] = {"kind": "random-forest", "params": {}, "seed": 0}
            spec |= {"train": {"container": "train", "prefix": ""}, "test": {"container": "test", "prefix": ""}}
        else:
            spec["tiles"] = {"container": "middlesexma2016", "prefix": ""}
        spec |= {"sample": {"fraction": 1.0, "seed": 0}, "max_rejected": 0.01, "overwrite": False, **changes}
        self.write("runs", f"{run_id}/spec.json", json.dumps(spec).encode())
        return (self.root / "runs" / run_id / "spec.json").as_uri()


def fill(account: Any) -> None:
    """Train, test and county images, and the tiny network."""
    account.write("pretrainedmodels", "tiny.onnx", account.network)
    for number, (label, colour) in enumerate(COLOURS.items()):
        for index in range(30):
            account.write("train", f"{label}/{index:03d}.png", png(colour, 1000 * number + index))
        for index in range(10):
            account.write("test", f"{label}/{index:03d}.png", png(colour, 1000 * number + 500 + index))
            account.write("middlesexma2016", f"{label[0]}_{index:03d}.png", png(colour, 1000 * number + 700 + index))


@pytest.fixture
def account(tmp_path: Path) -> Account:
    made = Account(tmp_path / "store with space")
    fill(made)
    return made
