"""The blob store's interface over a local folder whose subfolders are the containers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Iterator

from spark_jobs.entries import Entry, Level
from spark_jobs.errors import NotFoundError, StorageError


class FolderStore:
    """Containers as folders below `root`. Methods raise StorageError, or NotFoundError for what is not there."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def list(self, container: str, prefix: str = "") -> Iterator[Entry]:
        """All files whose names begin with `prefix`."""
        base = self._root / container
        if not base.is_dir():
            raise NotFoundError(f"Could not list {container}/{prefix}: {base} does not exist.")
        for folder, _, files in os.walk(base):
            inside = Path(folder).relative_to(base)
            for file in files:
                name = (inside / file).as_posix()
                if name.startswith(prefix):
                    try:
                        yield _entry(name, (base / name).stat())
                    except FileNotFoundError:  # a draft that has just been moved to its place
                        continue

    def level(self, container: str, prefix: str = "") -> Level:
        """All files below `prefix`, and no folders: walking through them is fast."""
        return Level(list(self.list(container, prefix)), [])

    def fetch(self, container: str, name: str) -> tuple[Entry, bytes]:
        """The file's bytes, and what a listing would have said of them."""
        try:
            with (self._root / container / name).open("rb") as file:
                return _entry(name, os.fstat(file.fileno())), file.read()
        except (FileNotFoundError, NotADirectoryError):
            raise NotFoundError(f"Could not read {container}/{name}: it does not exist.") from None
        except OSError as error:
            raise StorageError(f"Could not read {container}/{name}: {error.strerror}.") from error

    def get(self, container: str, name: str) -> bytes:
        """The file's bytes."""
        return self.fetch(container, name)[1]

    def tail(self, container: str, entry: Entry, length: int) -> bytes:
        """The last `length` bytes of a listed file, or all of it when it is shorter."""
        return self.get(container, entry.name)[-length:]

    def put(self, container: str, name: str, data: bytes, content_type: str = "") -> None:
        """Write the file beside its place and move it there: it is there as a whole or not at all."""
        path = self._root / container / name
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(data)
            draft.replace(path)
        except OSError as error:
            if draft.exists():
                draft.unlink()
            raise StorageError(f"Could not write {container}/{name}: {error.strerror}.") from error

    def exists(self, container: str, name: str) -> bool:
        """Whether the file is there."""
        return (self._root / container / name).is_file()

    def delete(self, container: str, name: str) -> None:
        """Remove the file; nothing happens when it is not there."""
        try:
            (self._root / container / name).unlink()
        except FileNotFoundError:
            return


def _entry(name: str, status: os.stat_result) -> Entry:
    return Entry(name, status.st_size, f"mtime:{status.st_mtime_ns}")
