"""Where results come from: the storage account, or a folder that `aerial-ops download` has filled."""

from pathlib import Path
from typing import Protocol

from aerial_ops.errors import AerialOpsError, BlobNotFoundError, UsageError
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.runs.history import History
from aerial_ops.runs.record import RunRecord
from aerial_ops.storage.blobs import BlobStore


class Results(Protocol):
    """Run records, newest first, and files by container and name. `read` raises BlobNotFoundError."""

    def records(self) -> list[RunRecord]: ...  # noqa: D102
    def read(self, container: str, name: str) -> bytes: ...  # noqa: D102


class StoredResults:
    """The results in a storage account."""

    def __init__(self, store: BlobStore, reporter: Reporter = SILENT) -> None:
        self._store, self._history = store, History(store, reporter)

    def records(self) -> list[RunRecord]:
        """Every run's record, newest first; one that cannot be read is left out, with a note."""
        return self._history.list()

    def read(self, container: str, name: str) -> bytes:
        """The blob's content."""
        return self._store.read(container, name)


class DownloadedResults:
    """The results of a model in a folder of `aerial-ops download`: no cloud and no network is needed."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise UsageError(f"There is no folder {folder}.", suggestion="aerial-ops download NAME makes one.")
        self._folder = folder

    def records(self) -> list[RunRecord]:
        """The records below runs/, newest first. Raises DataError for a damaged one."""
        found = [RunRecord.parse(path.read_bytes(), str(path)) for path in sorted(self._folder.glob("runs/*.json"))]
        return sorted(found, key=lambda record: (record.created_at, record.run_id), reverse=True)

    def read(self, container: str, name: str) -> bytes:
        """The file called `name`; containers are one folder here, and pictures are not in it."""
        path = self._folder / name
        if "/" in name or not path.is_file():
            raise BlobNotFoundError(f"{container}/{name} is not in the folder {self._folder}.")
        try:
            return path.read_bytes()
        except OSError as error:
            raise AerialOpsError(f"The file {path} cannot be read: {(error.strerror or str(error)).lower()}.") from error


def results_of(source: BlobStore | Path, reporter: Reporter = SILENT) -> Results:
    """The results in a storage account or in a folder. Raises UsageError when the folder is not there."""
    return DownloadedResults(source) if isinstance(source, Path) else StoredResults(source, reporter)
