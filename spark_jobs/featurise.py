"""Tiles to features on the cluster: the slices that the driver cuts, and what a worker does with one.

While ONNX Runtime works on one batch, threads download and decode the next ones. Batches follow the sorted paths, and slices the
number of tiles alone, so the same tiles give the same features on any cluster of the same processors.
"""

from __future__ import annotations

import sys
import zipimport
from array import array
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Callable, Iterable, Iterator, NamedTuple, Optional, Sequence, Tuple

import numpy as np
from numpy.typing import NDArray

from spark_jobs.decode import UnreadableError, decode
from spark_jobs.errors import NotFoundError
from spark_jobs.network import Network, Session, session_on_worker
from spark_jobs.prefetch import in_order
from spark_jobs.stores import Access, Store, open_store

BATCH = 16
AHEAD = 3 * BATCH
THREADS = 4
SLICE = 128

_pools: list[ThreadPoolExecutor] = []
_stores: dict[str, Store] = {}


class Order(NamedTuple):
    """One tile to featurise: which set it belongs to, its container, its path, and its class index (-1 without a label)."""

    set: str
    container: str
    path: str
    label: int


# set, path, label, features or None, reason of a rejection or None; `array` because Spark turns it into a Java float[] at once
Row = Tuple[str, str, int, Optional["array[float]"], Optional[str]]


@dataclass(frozen=True)
class Work:
    """What every worker must know; picklable."""

    access: Access
    network: Network


def cut(orders: Sequence[Order]) -> list[list[Order]]:
    """Contiguous slices of at most 128 tiles, of equal size; as many as the number of tiles says, and an even number of them."""
    count = -(-len(orders) // SLICE)
    count += count % 2 if count > 1 else 0
    bounds = [index * len(orders) // count for index in range(count + 1)] if count else [0]
    return [list(orders[start:end]) for start, end in zip(bounds, bounds[1:])]


def featurise(spark: Any, slices: Sequence[Sequence[Order]], work: Work, count: Callable[[int], None]) -> Any:
    """A DataFrame (set, path, label, features, reason), one partition a slice; either features or reason is null.

    `count` is called on the workers with the number of tiles done (a Spark accumulator's add).
    """
    from pyspark.sql import types

    def rows(parts: Iterable[Sequence[Order]]) -> Iterator[Row]:
        session = session_on_worker(work.network)
        for part in parts:
            yield from featurise_slice(part, session, _store(work.access), work.network.side, count)
        forget_zip_importers()

    schema = types.StructType(
        [
            types.StructField("set", types.StringType(), False),
            types.StructField("path", types.StringType(), False),
            types.StructField("label", types.IntegerType(), False),
            types.StructField("features", types.ArrayType(types.FloatType(), False)),
            types.StructField("reason", types.StringType()),
        ]
    )
    # An RDD and not mapInArrow, which would want pandas on every node; measured, the rows cost under one percent.
    made = spark.sparkContext.parallelize(slices, len(slices)).mapPartitions(rows)
    return spark.createDataFrame(made, schema, verifySchema=False)


def featurise_slice(
    orders: Sequence[Order], session: Session, store: Store, side: int, count: Callable[[int], None] = lambda done: None
) -> Iterator[Row]:
    """Rows of one slice in order: batches of 16 readable tiles, the unreadable ones with their reason."""

    def fetch(order: Order) -> NDArray[np.uint8] | str:
        try:
            return decode(store.get(order.container, order.path), side)
        except UnreadableError as error:
            return str(error)
        except NotFoundError:
            return "removed after it was listed"

    waiting: list[tuple[Order, NDArray[np.uint8] | str]] = []
    readable = 0
    for order, tile in zip(orders, in_order(_pool(), fetch, orders, AHEAD)):
        waiting.append((order, tile))
        readable += not isinstance(tile, str)
        if readable == BATCH:
            yield from _rows(waiting, session)
            count(len(waiting))
            waiting, readable = [], 0
    if waiting:
        yield from _rows(waiting, session)
        count(len(waiting))


def _rows(batch: Sequence[tuple[Order, NDArray[np.uint8] | str]], session: Session) -> Iterator[Row]:
    tiles = [tile for _, tile in batch if not isinstance(tile, str)]
    features = iter(session.run(np.stack(tiles)) if tiles else ())
    for order, tile in batch:
        if isinstance(tile, str):
            yield order.set, order.path, order.label, None, tile
        else:
            yield order.set, order.path, order.label, array("f", next(features).tobytes()), None


def forget_zip_importers() -> None:
    """Save the next task of this process 80 ms of CPU time.

    PySpark calls importlib.invalidate_caches before every task, and since Python 3.10 each zip importer (there are a dozen)
    then reads its whole directory again. An import that needs one makes it anew, from zipimport's own cache.
    """
    for path, finder in list(sys.path_importer_cache.items()):
        if isinstance(finder, zipimport.zipimporter):
            del sys.path_importer_cache[path]


def _pool() -> ThreadPoolExecutor:
    """This process's threads: kept across tasks, and with them their connections."""
    if not _pools:
        _pools.append(ThreadPoolExecutor(THREADS, thread_name_prefix="prefetch"))
    return _pools[0]


def _store(access: Access) -> Store:
    key = repr((access.endpoint, access.connect_to, sorted(access.tokens.items())))
    if key not in _stores:
        _stores.clear()
        _stores[key] = open_store(access)
    return _stores[key]
