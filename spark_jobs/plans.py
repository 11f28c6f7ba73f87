"""Spark SQL's plans, carried out as they are written."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Iterator

ADAPTIVE = "spark.sql.adaptive.enabled"


@contextmanager
def planned_once(spark: Any) -> Iterator[None]:
    """Without adaptive execution for what is planned inside.

    It carries a plan out piece by piece, to plan the rest by the sizes that it finds. These plans have nothing to gain: their
    partitions are chosen. What it costs is a Spark job more for a frame that is to be kept, and a shuffle of all features each
    time that Spark ML asks a frame for its RDD, four times for one forest.
    """
    before = spark.conf.get(ADAPTIVE)
    spark.conf.set(ADAPTIVE, "false")
    try:
        yield
    finally:
        spark.conf.set(ADAPTIVE, before)
