"""Features on their way to Spark ML: written by a worker in the very form in which Spark keeps vectors.

Otherwise Spark would take each number into an object and out of it three times: from Python, into an array, and into a vector for
each pass that a classifier makes. So the bytes here are what Spark itself makes of a vector (its UnsafeRow of VectorUDT's fields,
the same from Spark 1.6 to 4.0; tests/spark_jobs/test_vectors.py compares), they come as a binary column, and the column is given
its true type without being touched.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

_DENSE = 1  # VectorUDT's field `type`
_NULLS = 0b0110  # its fields `size` and `indices`, which only sparse vectors have
_VALUES_AT = 40  # after the null bits and four fields of 8 bytes


def pack(features: NDArray[np.float32]) -> bytes:
    """Features [LENGTH] as a vector of doubles."""
    return _head(len(features)) + features.astype(np.float64).tobytes()


def frame(spark: Any, rows: Any) -> Any:
    """An RDD of tuples (set, path, label, vector or None, reason or None) as a DataFrame; `features` is a Spark ML vector."""
    from pyspark.ml.linalg import VectorUDT
    from pyspark.sql import DataFrame, types

    written = spark.createDataFrame(rows, _schema(types.BinaryType()), verifySchema=False)
    session = spark._jsparkSession
    meant = session.parseDataType(_schema(VectorUDT()).json())
    return DataFrame(session.internalCreateDataFrame(written._jdf.queryExecution().toRdd(), meant, False), spark)


def _schema(features: Any) -> Any:
    from pyspark.sql import types

    return types.StructType(
        [
            types.StructField("set", types.StringType(), False),
            types.StructField("path", types.StringType(), False),
            types.StructField("label", types.IntegerType(), False),
            types.StructField("features", features),
            types.StructField("reason", types.StringType()),
        ]
    )


@lru_cache(maxsize=4)
def _head(length: int) -> bytes:
    """All that comes before the numbers: the row's null bits and fields, and the array's length and null bits."""
    null_bits = bytes(-(-length // 64) * 8)
    size = 8 + len(null_bits) + 8 * length
    return struct.pack("=6q", _NULLS, _DENSE, 0, 0, _VALUES_AT << 32 | size, length) + null_bits
