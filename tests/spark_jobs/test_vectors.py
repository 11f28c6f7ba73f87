from typing import Any

import numpy as np
import pytest

from spark_jobs.vectors import frame, pack

LENGTHS = [1, 2, 63, 64, 65, 1280]


def features(length: int) -> Any:
    return np.random.default_rng(length).normal(size=length).astype(np.float32)


@pytest.mark.slow
def test_the_bytes_are_what_this_spark_makes_of_a_vector(spark: Any) -> None:
    """Were they not, Spark would read anything from memory."""
    from pyspark.ml.linalg import Vectors

    for length in LENGTHS:
        own = spark.createDataFrame([(Vectors.dense(features(length)),)], ["features"])
        row = own._jdf.queryExecution().toRdd().first().getStruct(0, 4)
        assert bytes(row.getBytes()) == pack(features(length)), length


@pytest.mark.slow
def test_spark_takes_them_for_vectors(spark: Any) -> None:
    from pyspark.ml.linalg import VectorUDT

    rows = [("train", f"{length}.png", length, pack(features(length)), None) for length in LENGTHS]
    made = frame(spark, spark.sparkContext.parallelize([*rows, ("test", "ü.png", -1, None, "empty file")], 3)).persist()
    try:
        assert made.schema["features"].dataType == VectorUDT()
        kept = made.where("reason is null").collect()
        assert [(row[0], row[1], row[2], row[4]) for row in kept] == [(*row[:3], None) for row in rows]
        assert all(np.array_equal(row[3].toArray(), features(row[2])) for row in kept)
        assert [tuple(row) for row in made.where("reason is not null").collect()] == [("test", "ü.png", -1, None, "empty file")]
        assert made.rdd.getNumPartitions() == 3
    finally:
        made.unpersist()
