"""What a worker does with one slice of the tiles: features from the cache, or computed.

While ONNX Runtime works on one batch, threads download and decode the next ones. A tile's features do not depend on the
batch that it was in (tests/spark_jobs/test_network.py), so it does not matter which of its neighbours the cache held.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Callable, Iterator, Mapping, NamedTuple, Optional, Sequence, Tuple

import numpy as np
from numpy.typing import NDArray

from spark_jobs.cache import FeatureCache
from spark_jobs.decode import UnreadableError, decode
from spark_jobs.entries import Entry
from spark_jobs.errors import NotFoundError
from spark_jobs.memory import peak_bytes
from spark_jobs.network import Session
from spark_jobs.parts import Kept, Result
from spark_jobs.prefetch import in_order
from spark_jobs.stores import Store
from spark_jobs.tally import Tally
from spark_jobs.tuning import BatchSize
from spark_jobs.vectors import pack

BATCH = 16  # what a worker begins with
AHEAD = 48
THREADS = 4
NOTHING: Result = (None, None)

_pools: list[ThreadPoolExecutor] = []


class Order(NamedTuple):
    """One tile to featurise: its set, its place and content's mark, and its class index (-1 without a label)."""

    set: str
    container: str
    path: str
    label: int
    size: int = 0
    mark: str = ""

    @property
    def entry(self) -> Entry:
        """The tile as a listing shows it."""
        return Entry(self.path, self.size, self.mark)

    @property
    def digest(self) -> bytes:
        """What the feature cache knows the tile by."""
        return self.entry.digest(self.container)


class Slice(NamedTuple):
    """One Spark partition: tiles in order, and the parts of the feature cache that hold some of them."""

    orders: Sequence[Order]
    parts: Sequence[str] = ()


# set, path, label, features as a packed vector or None, reason of a rejection or None
Row = Tuple[str, str, int, Optional[bytes], Optional[str]]


class _Item(NamedTuple):
    """One tile on its way: decoded, or with its result; `read` is what was read of it, for the cache to have the result."""

    order: Order
    tile: NDArray[np.uint8] | None = None
    result: Result = NOTHING
    read: Entry | None = None


def featurise_slice(
    part: Slice,
    open_session: Callable[[], Session],
    store: Store,
    side: int,
    cache: FeatureCache | None = None,
    tell: Callable[[Tally], None] = lambda news: None,
) -> Iterator[Row]:
    """Rows of one slice in order: from the cache, else computed in batches; unreadable tiles with their reason.

    What was computed is in the cache when the last row is given. Without anything to compute no session is opened.
    """
    digests = [order.digest for order in part.orders] if cache else []
    known = cache.load(_pool(), part.parts, frozenset(digests)) if cache and part.parts else {}
    tell(Tally(cached=len(known)))
    session = None if cache and known.keys() >= set(digests) else open_session()
    fresh: list[Kept] = []
    writing: Future[None] | None = None
    for batch in _batches(part.orders, digests, known, store, side, session.batch_size if session else BatchSize()):
        items = _computed(batch, session)
        fresh += [Kept(item.order.container, item.read, *item.result) for item in items if item.read is not None]
        if cache and fresh and items[-1].order is part.orders[-1]:
            writing = _pool().submit(cache.save, fresh)
        for order, _, (features, reason), _ in items:
            yield order.set, order.path, order.label, None if features is None else pack(features), reason
        tell(Tally(done=len(items)))
    if writing:
        writing.result()
    if cache:
        tell(Tally(damaged_parts=cache.damaged, unwritten_parts=cache.unwritten))
    tell(Tally(peak_bytes=peak_bytes()))


def _batches(
    orders: Sequence[Order],
    digests: Sequence[bytes],
    known: Mapping[bytes, Result],
    store: Store,
    side: int,
    size: BatchSize,
) -> Iterator[list[_Item]]:
    """Tiles in order, as many decoded ones at a time as the network wants, and whatever needs no network between them."""

    def fetch(order: Order) -> _Item:
        try:
            entry, data = store.fetch(order.container, order.path)
        except NotFoundError:
            return _Item(order, result=(None, "removed after it was listed"))
        try:
            return _Item(order, decode(data, side), read=entry)
        except UnreadableError as error:
            return _Item(order, result=(None, str(error)), read=entry)

    cached = [known.get(digest) for digest in digests] or [None] * len(orders)
    fetched = in_order(_pool(), fetch, [order for order, result in zip(orders, cached) if result is None], AHEAD)
    waiting: list[_Item] = []
    decoded = 0
    for order, result in zip(orders, cached):
        waiting.append(next(fetched) if result is None else _Item(order, result=result))
        decoded += waiting[-1].tile is not None
        if decoded == size.now:
            yield waiting
            waiting, decoded = [], 0
    if waiting:
        yield waiting


def _computed(batch: Sequence[_Item], session: Session | None) -> list[_Item]:
    """The items, each with its result."""
    tiles = [item.tile for item in batch if item.tile is not None]
    features = iter(session.run_batch(tiles) if session and tiles else ())
    return [item if item.tile is None else item._replace(tile=None, result=(next(features), None)) for item in batch]


def _pool() -> ThreadPoolExecutor:
    """This process's threads: kept across tasks, and with them their connections."""
    if not _pools:
        _pools.append(ThreadPoolExecutor(THREADS, thread_name_prefix="prefetch"))
    return _pools[0]
