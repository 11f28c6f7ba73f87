"""A local folder as a source."""

import hashlib
import os
import stat
import time
from collections.abc import Iterator, Mapping
from io import BufferedReader
from pathlib import Path

from aerial_ops.storage.blobs import BLOCK, SINGLE_PUT_LIMIT, BlobStore
from aerial_ops.storage.sync.filenames import content_type_of, is_hidden, printable, problem_of
from aerial_ops.storage.sync.source import FileProblemError, Listing, Sent, SourceFile

TRIES = 3
SETTLED_AFTER_NS = 2_000_000_000  # file systems keep times to a second or two at worst


class FolderSource:
    """Folders of this machine, one a container. Links are followed, loops and hidden files left out."""

    def __init__(self, label: str, folders: Mapping[str, Path]) -> None:
        self.label = label
        self._folders = dict(folders)

    @property
    def containers(self) -> tuple[str, ...]:
        """The containers that have a folder."""
        return tuple(self._folders)

    def place(self, container: str) -> str:
        """The folder's absolute path."""
        return str(self._folders[container].resolve())

    def list(self, container: str) -> Listing:
        """Every file below the container's folder."""
        walk = _Walk()
        walk.enter(self._folders[container], "", frozenset())
        return Listing(sorted(walk.files, key=lambda file: file.name), walk.skipped, walk.problems)

    def md5(self, container: str, file: SourceFile) -> bytes:
        """Read the file; b"" when it has changed since it was listed."""
        with _opened(self._folders[container] / file.name) as opened:
            digest = hashlib.file_digest(opened, lambda: hashlib.md5(usedforsecurity=False)).digest()
            return digest if _state(opened) == (file.size, file.version) else b""

    def settled(self, file: SourceFile) -> bool:
        """A file written this very moment may change again without its time changing."""
        return time.time_ns() - int(file.version) > SETTLED_AFTER_NS

    def send(self, container: str, file: SourceFile, store: BlobStore) -> Sent:
        """Read the file once: hash and send the same bytes."""
        for _ in range(TRIES):
            with _opened(self._folders[container] / file.name) as opened:
                before = _state(opened)
                sent = self._send_opened(container, file.name, opened, store)
            if sent is not None:
                return Sent(SourceFile(file.name, *before, md5=sent), "uploaded")
        raise FileProblemError("it changes while it is being read")

    @staticmethod
    def _send_opened(container: str, name: str, opened: BufferedReader, store: BlobStore) -> bytes | None:
        before = _state(opened)
        if before[0] > SINGLE_PUT_LIMIT:
            try:
                return store.put_blocks(container, name, _blocks(opened, before), content_type_of(name))
            except _ChangedError:
                return None
        data = opened.read()
        if _state(opened) != before or len(data) != before[0]:
            return None
        md5 = hashlib.md5(data, usedforsecurity=False).digest()
        store.put(container, name, data, md5, content_type_of(name))
        return md5


class _ChangedError(Exception):
    """The file changed while it was read."""


def _blocks(opened: BufferedReader, before: tuple[int, str]) -> Iterator[bytes]:
    read = 0
    while block := opened.read(BLOCK):
        read += len(block)
        if read > before[0]:
            raise _ChangedError
        yield block
    if read != before[0] or _state(opened) != before:
        raise _ChangedError


def _opened(path: Path) -> BufferedReader:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise FileProblemError("it vanished") from None
    except OSError as error:
        raise FileProblemError(f"it cannot be read ({error.strerror})") from error


def _state(opened: BufferedReader) -> tuple[int, str]:
    status = os.fstat(opened.fileno())
    return status.st_size, str(status.st_mtime_ns)


class _Walk:
    """One walk through a folder; unreadable things become problems, not exceptions."""

    def __init__(self) -> None:
        self.files: list[SourceFile] = []
        self.problems: list[str] = []
        self.skipped = 0

    def enter(self, folder: Path, prefix: str, above: frozenset[tuple[int, int]]) -> None:
        """Take in `folder`; `above` are the folders that lead to it, by device and inode."""
        try:
            status = folder.stat()
            with os.scandir(folder) as entries:
                found = list(entries)
        except OSError as error:
            self._refuse(prefix or str(folder), f"it cannot be listed ({error.strerror})")
            return
        here = (status.st_dev, status.st_ino)
        if here in above:
            self.skipped += 1
            return
        for entry in found:
            if is_hidden(entry.name):
                self.skipped += 1
                continue
            name = prefix + entry.name
            try:
                target = entry.stat()
            except OSError as error:
                self._refuse(name, f"it cannot be read ({error.strerror})")
                continue
            if stat.S_ISDIR(target.st_mode):
                self.enter(Path(entry.path), f"{name}/", above | {here})
            elif not stat.S_ISREG(target.st_mode):
                self._refuse(name, "it is neither a file nor a folder")
            elif problem := problem_of(name):
                self._refuse(name, problem)
            else:
                self.files.append(SourceFile(name, target.st_size, str(target.st_mtime_ns)))

    def _refuse(self, name: str, problem: str) -> None:
        self.problems.append(f"{printable(name)}: {problem}")
