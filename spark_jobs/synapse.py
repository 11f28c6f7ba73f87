"""The engine for clusters where no Python package may be installed: SynapseML's ImageTransformer and ONNXModel, in the JVM alone.

No Python runs on the workers, and the driver needs no more than numpy. It is slower than the default engine (docs/jobs.md),
keeps no features, and resizes by OpenCV: tiles of the network's own size give the same features, others nearly the same.
"""

from __future__ import annotations

import json
import re
from typing import Any, Mapping, Sequence

from spark_jobs.errors import JobError
from spark_jobs.network import fetch_network
from spark_jobs.places import Place
from spark_jobs.slices import BATCH, Slice
from spark_jobs.spec import NetworkFile
from spark_jobs.stores import Store

INPUT = "values"
REASON = "OpenCV cannot read it"
_PACKAGE = "com.microsoft.azure.synapse.ml"


def check_there(context: Any, what: str, instead: str) -> None:
    """Raises JobError when SynapseML's class `what` is not in the driver's JVM; `instead` is what else can be done."""
    jvm = context._jvm
    try:
        jvm.java.lang.Class.forName(f"{_PACKAGE}.{what}", False, jvm.Thread.currentThread().getContextClassLoader())
    except Exception:
        raise JobError(
            "SynapseML is not in this job's Spark.", f"The cluster could not load its jars (spark.jars.packages); {instead}"
        ) from None


def load_network(store: Store, container: str, file: NetworkFile) -> bytes:
    """The network from `values`, float32 [N, 3, SIDE, SIDE] RGB 0 to 255. Raises BackboneError."""
    return fetch_network(store, container, file.file, file.sha256, "Order the job again: the command puts it there.")


def featurise(spark: Any, place: Place, slices: Sequence[Slice], network: bytes, side: int) -> Any:
    """A DataFrame (set, path, label, features, reason), a slice a partition, in order; features, a vector, or reason is null."""
    from pyspark.sql import Column, DataFrame, functions

    orders = _orders(place, slices)
    wanted = _table(spark, orders)
    # Small files are gathered by number, about 64 a task.
    spark.conf.set("spark.sql.files.openCostInBytes", str(2 << 20))
    # Hadoop takes addresses as patterns.
    addresses = sorted({re.sub(r"([][{}*?\\])", r"\\\1", order["url"]) for order in orders})
    images = spark.read.format("binaryFile").load(addresses)
    images = images.select(images["path"].alias("url"), "content")
    tensors = (
        DataFrame(_transformer(spark, side).transform(images._jdf), spark).select("url", INPUT).where(f"{INPUT} is not null")
    )
    made = DataFrame(_model(spark, network).transform(tensors._jdf), spark).select("url", "features")
    rows = wanted.join(made, "url", "left").repartitionByRange(len(slices), "slice").sortWithinPartitions("position")
    reason = functions.when(functions.col("features").isNull(), functions.lit(REASON)).alias("reason")
    # pyspark.ml.functions.array_to_vector is this very call, but importing it wants pandas.
    vector = spark.sparkContext._jvm.org.apache.spark.ml.functions.array_to_vector(rows["features"].cast("array<double>")._jc)
    vectors = functions.when(functions.col("features").isNotNull(), Column(vector)).alias("features")
    return rows.select("set", "path", "label", vectors, reason)


def share_done(spark: Any) -> float:
    """The share of the running stages' tasks that have ended."""
    tracker = spark.sparkContext.statusTracker()
    stages = [info for info in map(tracker.getStageInfo, tracker.getActiveStageIds()) if info]
    return float(sum(stage.numCompletedTasks for stage in stages) / max(1, sum(stage.numTasks for stage in stages)))


def _orders(place: Place, slices: Sequence[Slice]) -> list[dict[str, Any]]:
    """A row for each tile; `url` is its address as Spark's file listing writes it."""
    found: list[dict[str, Any]] = []
    for number, part in enumerate(slices):
        for position, order in enumerate(part.orders):
            url = place.hadoop_url(order.container, order.path)
            url = url.replace("file://", "file:", 1) if place.is_folder else url
            tile = {"set": order.set, "path": order.path, "label": order.label, "url": url}
            found.append({"slice": number, "position": position, **tile})
    return found


def _table(spark: Any, orders: Sequence[Mapping[str, Any]]) -> Any:
    """The rows as a frame that the JVM makes of one text: createDataFrame would start Python on the workers."""
    from pyspark.sql import functions

    text = "\n".join(json.dumps(order) for order in orders)
    lines = spark.range(1).select(functions.explode(functions.split(functions.lit(text), "\n")).alias("line"))
    columns = "slice int, position int, set string, path string, label int, url string"
    return lines.select(functions.from_json("line", columns).alias("order")).select("order.*")


def _transformer(spark: Any, side: int) -> Any:
    """Bytes to float32 [3, SIDE, SIDE] RGB, 0 to 255."""
    context = spark.sparkContext
    transformer = context._jvm.com.microsoft.azure.synapse.ml.opencv.ImageTransformer()
    transformer.setInputCol("content")
    transformer.setOutputCol(INPUT)
    transformer.setIgnoreDecodingErrors(True)
    transformer.setAutoConvertToColor(True)
    transformer.setToTensor(True)
    transformer.setColorScaleFactor(1.0)
    transformer.setNormalizeMean(_doubles(context, 0.0))
    transformer.setNormalizeStd(_doubles(context, 1.0))
    return transformer.resize(side, side)


def _model(spark: Any, network: bytes) -> Any:
    context = spark.sparkContext
    model = context._jvm.com.microsoft.azure.synapse.ml.onnx.ONNXModel()
    model.setModelPayload(network)
    model.setFeedDict(_names(context, INPUT))
    model.setFetchDict(_names(context, "features"))
    model.setMiniBatchSize(BATCH)
    model.setDeviceType("CPU")
    return model


def _names(context: Any, name: str) -> Any:
    names = context._jvm.java.util.HashMap()
    names.put(name, name)
    return names


def _doubles(context: Any, value: float) -> Any:
    values = context._gateway.new_array(context._jvm.double, 3)
    for index in range(3):
        values[index] = value
    return values
