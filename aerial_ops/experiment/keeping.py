"""What a run has reached, kept in its folder: records, models, predictions. They outlive the storage account.

A resumed run whose environment is gone puts them into the new account, and no training is paid for twice.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from aerial_ops.errors import BlobNotFoundError
from aerial_ops.jobs.files import RECORD
from aerial_ops.runs.record import RunRecord
from aerial_ops.storage import layout
from aerial_ops.storage.blobs import BlobStore

FOLDER = "results"
THREADS = 8
_TABLES = {"train": "predictions_test_set", "score": "predictions_o16n"}


class Kept:
    """The results of one run's jobs, below its folder, as CONTAINER/BLOB."""

    def __init__(self, run: Path) -> None:
        self._folder = run / FOLDER

    def record(self, run_id: str) -> RunRecord | None:
        """The record of a job whose results are all here."""
        path = self._folder / layout.RUNS / layout.run_file(run_id, RECORD)
        return RunRecord.parse(path.read_bytes(), str(path)) if path.is_file() else None

    def records(self) -> list[RunRecord]:
        """The records of every job whose results are here, oldest first."""
        found = [RunRecord.parse(path.read_bytes(), str(path)) for path in (self._folder / layout.RUNS).glob(f"*/{RECORD}")]
        return sorted(found, key=lambda record: record.created_at)

    def take(self, store: BlobStore, record: RunRecord) -> None:
        """Copy what the job has written; its record last, so that a record here means that all is here. Raises OSError."""
        found = [(container, name) for container, name in _written(store, record) if not _is_record(container, name)]

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda blob: self._write(blob[0], blob[1], store.read(*blob)), found))
        self._write(layout.RUNS, layout.run_file(record.run_id, RECORD), record.to_json().encode())

    def put_back(self, store: BlobStore, record: RunRecord) -> bool:
        """Give the job's results to an account that has not got them; whether it had not."""
        name = layout.run_file(record.run_id, RECORD)
        if store.exists(layout.RUNS, name):
            return False
        mine = [path for path in self._files(record) if path != self._folder / layout.RUNS / name]

        def copy(path: Path) -> None:
            container, _, blob = path.relative_to(self._folder).as_posix().partition("/")
            store.write(container, blob, path.read_bytes())

        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(copy, mine))
        store.write(layout.RUNS, name, record.to_json(), content_type="application/json")
        return True

    def _write(self, container: str, name: str, content: bytes) -> None:
        path = self._folder / container / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.part")
        draft.write_bytes(content)
        draft.replace(path)

    def _files(self, record: RunRecord) -> list[Path]:
        """The job's files here, a model's info after the rest of it."""
        found = [
            path
            for container, prefix in _places(record)
            for path in sorted((self._folder / container).rglob("*"))
            if path.is_file() and path.relative_to(self._folder / container).as_posix().startswith(prefix)
        ]
        return sorted(found, key=lambda path: path.name == "model.info")


def _places(record: RunRecord) -> list[tuple[str, str]]:
    """Containers, and the prefixes of what the job has written there."""
    name = record.name
    model = [(layout.TRAINED, f"{name}/")] if record.kind == "train" else []
    tables = [(layout.PREDICTIONS, f"{name}_{_TABLES[record.kind]}"), (layout.PREDICTIONS, layout.rejected(name))]
    return [*model, *tables, (layout.RUNS, f"{record.run_id}/")]


def _written(store: BlobStore, record: RunRecord) -> Iterator[tuple[str, str]]:
    for container, prefix in _places(record):
        try:
            yield from [(container, blob.name) for blob in store.list_files(container, prefix)]
        except BlobNotFoundError:
            continue


def _is_record(container: str, name: str) -> bool:
    return container == layout.RUNS and name.endswith(f"/{RECORD}")
