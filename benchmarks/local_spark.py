"""Spark in local mode for the jobs' benchmarks."""

import os
import sys
from collections.abc import Mapping
from typing import Any

# The second compiler of the JVM takes a core for seconds and has little to gain: the JVM only passes rows on.
JAVA_OPTIONS = "-XX:TieredStopAtLevel=1"


def session(processes: int, settings: Mapping[str, str] | None = None, java_options: str = JAVA_OPTIONS) -> Any:
    """A session with `processes` cores; `settings` are those of a storage account, if it is to read one."""
    from pyspark import SparkConf
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    given = dict(settings or {})
    options = f"{given.pop('spark.driver.extraJavaOptions', '')} {java_options}".strip()
    everything = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": options,
        "spark.aerialops.connectTo": "127.0.0.1",
        **given,
    }
    return SparkSession.builder.master(f"local[{processes}]").config(conf=SparkConf().setAll(everything.items())).getOrCreate()
