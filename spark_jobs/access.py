"""The account key, asked of Hadoop's own configuration as WASB does, and the short-lived tokens made of it."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import Any, Iterator, Mapping

from spark_jobs.errors import StorageError
from spark_jobs.places import Place
from spark_jobs.sas import container_sas
from spark_jobs.stores import Access

CONNECT_TO = "spark.aerialops.connectTo"


def grant(spark: Any, place: Place, permissions: Mapping[str, str]) -> Access:
    """Access to containers with the letters of racwdl each needs. The key itself never leaves this function.

    Raises StorageError when the cluster's configuration holds no key for the account.
    """
    if place.is_folder:
        return Access(place.endpoint)
    key = _account_key(spark, place.host)
    tokens = {container: container_sas(place.endpoint, key, container, letters) for container, letters in permissions.items()}
    return Access(place.endpoint, spark.conf.get(CONNECT_TO, ""), tokens)


def _account_key(spark: Any, host: str) -> str:
    """Ask the way WASB does: encrypted keys, key providers and credential stores (HDInsight uses them) are Hadoop's business."""
    context = spark.sparkContext
    store = context._jvm.org.apache.hadoop.fs.azure.AzureNativeFileSystemStore
    advice = f"Set spark.hadoop.fs.azure.account.key.{host} on the cluster, with hadoop-azure on its class path."
    try:
        with _silent_gateway():
            key = store.getAccountKeyFromConfiguration(host, context._jsc.hadoopConfiguration())
    except TypeError:  # py4j answers so for a class that is not on the class path
        raise StorageError(
            "Hadoop's support for Azure Storage (hadoop-azure) is not on the cluster's class path.", advice
        ) from None
    except Exception as error:
        # Only the kind of the failure: a key provider's message may quote what it was given.
        raise StorageError(f"The cluster could not give its key for {host} ({type(error).__name__}).", advice) from None
    if not key:
        raise StorageError(f"The cluster's configuration holds no key for {host}.", advice)
    return str(key)


@contextmanager
def _silent_gateway() -> Iterator[None]:
    """Py4j logs every answer of the JVM at level DEBUG, and this one is a secret."""
    gateway = logging.getLogger("py4j")
    before = gateway.level
    gateway.setLevel(logging.WARNING)
    try:
        yield
    finally:
        gateway.setLevel(before)
