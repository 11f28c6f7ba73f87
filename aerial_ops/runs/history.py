"""The history: every run's record, kept in the container `runs`; it outlives the cluster."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Literal, get_args

from aerial_ops.analysis.metrics import Metrics
from aerial_ops.errors import BlobNotFoundError, DataError, UsageError
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.runs.finding import MARGIN, RECORD, Found, growing, newest_first
from aerial_ops.runs.record import Kind, RunRecord
from aerial_ops.storage import layout

if TYPE_CHECKING:
    from aerial_ops.storage.blobs import BlobStore

READERS = 16
MOST_AT_ONCE = 1024

Metric = Literal["accuracy", "macro_f1", "kappa", "groups"]
HOW_TO_START = "Train a model: aerial-ops train --name rf1"

_VALUES: dict[str, Callable[[Metrics], float]] = {
    "accuracy": lambda metrics: metrics.accuracy,
    "macro_f1": lambda metrics: metrics.macro_f1,
    "kappa": lambda metrics: metrics.kappa,
    "groups": lambda metrics: metrics.groups.accuracy,
}


class History:
    """The records in `store`. Reading never needs the cluster. Methods raise StorageError besides what they name."""

    def __init__(self, store: "BlobStore", reporter: Reporter = SILENT) -> None:
        self._store = store
        self._reporter = reporter

    def save(self, record: RunRecord) -> None:
        """Write `record`; a record of the same run is replaced."""
        name = layout.run_file(record.run_id, RECORD)
        self._store.write(layout.RUNS, name, record.to_json(), content_type="application/json")

    def list(self, kind: Kind | None = None, name: str | None = None, limit: int | None = None) -> list[RunRecord]:
        """Records, newest first; no more are read than `limit` takes. One that cannot be read is left out, with a note."""
        return list(islice(self._newest_first(kind, self._find(kind, name), name), limit))

    def get(self, key: str) -> RunRecord:
        """The run with this id, or else the newest succeeded training of the model with this name.

        Raises UsageError when there is neither, and DataError when the record cannot be read.
        """
        blob = layout.run_file(key, RECORD)
        if self._store.exists(layout.RUNS, blob):
            return self._parsed(blob, self._store.read(layout.RUNS, blob))
        for record in self._newest_first("train", self._find("train", key), key):
            if record.state == "succeeded":
                return record
        records = self.list(kind="train")
        names = sorted({record.name for record in records if record.state == "succeeded"})
        known = f"Trained models: {', '.join(names)}." if names else f"Nothing has been trained yet. {HOW_TO_START}"
        raise UsageError(f"There is no run and no trained model {key!r}.", suggestion=known)

    def newest(self) -> Sequence[RunRecord]:
        """The newest succeeded training of each model, newest first."""
        found = self._find("train")
        missing = {one.name for one in found}  # None, for an id that does not tell it, is never found: all are read then

        def until_all_are_there() -> Iterator[RunRecord]:
            for record in self._newest_first("train", found):
                yield record
                if is_measured(record):
                    missing.discard(record.name)
                if not missing:
                    return

        return newest_trainings(until_all_are_there())

    def best(self, metric: Metric = "accuracy") -> RunRecord:
        """The best by `metric` among the newest trainings of each model; see `best_of`. Raises DataError when there is none."""
        return best_of(self.newest(), metric)

    def _find(self, kind: Kind | None = None, name: str | None = None) -> Sequence[Found]:
        files = self._store.list(layout.RUNS, f"{name}-" if name else "")  # a run's id begins with its model's name
        try:
            return [one for one in newest_first(files) if one.may_be(kind, name)]
        except BlobNotFoundError:
            return []

    def _newest_first(self, kind: Kind | None, found: Sequence[Found], name: str | None = None) -> Iterator[RunRecord]:
        """The records of `found` that are of that kind and name, read in growing batches as they are taken."""
        waiting = []
        with ThreadPoolExecutor(READERS) as readers:
            for batch, others_before in growing(found, READERS, MOST_AT_ONCE):
                read = [record for record in readers.map(self._read_or_note, batch) if record]
                waiting += [r for r in read if kind in (None, r.kind) and name in (None, r.name)]
                waiting.sort(key=lambda r: (r.created_at, r.run_id))
                while waiting and waiting[-1].created_at > others_before + MARGIN:
                    yield waiting.pop()
            yield from reversed(waiting)

    def _parsed(self, blob: str, raw: bytes) -> RunRecord:
        return RunRecord.parse(raw, f"{layout.RUNS}/{blob}")

    def _read_or_note(self, found: Found) -> RunRecord | None:
        from aerial_ops.storage.blobs import BlobChangedError

        blob = found.blob
        try:
            try:
                raw = b"".join(self._store.read_blocks(layout.RUNS, blob.name, blob.etag, blob.size))
            except BlobChangedError:  # since it was listed
                raw = self._store.read(layout.RUNS, blob.name)
            return self._parsed(blob.name, raw)
        except (DataError, BlobNotFoundError) as error:
            self._reporter.note(f"Left out: {error.message}")
            return None


def newest_trainings(records: Iterable[RunRecord]) -> list[RunRecord]:
    """Of `records`, newest first, the newest training of each model that succeeded and was measured."""
    found: dict[str, RunRecord] = {}
    for record in records:
        if is_measured(record):
            found.setdefault(record.name, record)
    return list(found.values())


def is_measured(record: RunRecord) -> bool:
    """Whether it is a training that succeeded and was tested."""
    return record.kind == "train" and record.state == "succeeded" and record.metrics is not None


def best_of(records: Iterable[RunRecord], metric: Metric = "accuracy") -> RunRecord:
    """The record with the highest `metric`; equal ones are told apart by macro-F1, then accuracy, then the older run wins.

    Raises UsageError for an unknown metric and DataError when no record has metrics.
    """
    if metric not in _VALUES:
        raise UsageError(f"There is no metric {metric!r}.", suggestion=f"Choose one of: {', '.join(get_args(Metric))}.")
    scored = sorted((r for r in records if r.metrics), key=lambda r: (r.created_at, r.run_id))
    if not scored:
        raise DataError("No training has succeeded yet, so none is the best.", suggestion=HOW_TO_START)
    return max(scored, key=lambda r: _rank(r, metric))


def _rank(record: RunRecord, metric: Metric) -> tuple[float, ...]:
    metrics = record.metrics
    return (_VALUES[metric](metrics), metrics.macro_f1, metrics.accuracy) if metrics else ()
