"""The featurise stage: slices of the tiles to Spark's workers, rows of features back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Iterable, Iterator, Sequence

from spark_jobs.cache import FeatureCache
from spark_jobs.network import Network, session_on_worker
from spark_jobs.slices import Row, Slice, featurise_slice
from spark_jobs.stores import Access, Store, open_store
from spark_jobs.tally import Tally
from spark_jobs.vectors import frame
from spark_jobs.worker import spare_waits

_stores: dict[str, Store] = {}


@dataclass(frozen=True)
class Work:
    """What every worker must know; picklable."""

    access: Access
    network: Network
    cache: str = ""  # the folder of the feature cache; empty: nothing is looked up or kept


def featurise(spark: Any, slices: Sequence[Slice], work: Work, tell: Callable[[Tally], None]) -> Any:
    """A DataFrame (set, path, label, features, reason), one partition a slice; either features, a vector, or reason is null.

    `tell` is called on the workers with what is new since it was called last (a Spark accumulator's add).
    """

    def rows(mine: Iterable[Slice]) -> Iterator[Row]:
        spare_waits()
        for part in mine:
            store = _store(work.access)
            cache = FeatureCache(store, work.cache) if work.cache else None
            yield from featurise_slice(part, lambda: session_on_worker(work.network), store, work.network.side, cache, tell)

    # An RDD and not mapInArrow, which would want pandas on every node; measured, the rows cost under one percent.
    return frame(spark, spark.sparkContext.parallelize(slices, len(slices)).mapPartitions(rows))


def _store(access: Access) -> Store:
    key = repr((access.endpoint, access.connect_to, sorted(access.tokens.items())))
    if key not in _stores:
        _stores.clear()
        _stores[key] = open_store(access)
    return _stores[key]
