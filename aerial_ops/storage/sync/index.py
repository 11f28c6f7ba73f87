"""What is known of files that were hashed before: a second sync reads no file that has not changed."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from aerial_ops.storage.sync.source import SourceFile

FILE = "sync-index.sqlite"
WAIT_SECONDS = 30.0
_TABLE = "CREATE TABLE IF NOT EXISTS md5s (place TEXT, name TEXT, size INT, version TEXT, md5 BLOB, PRIMARY KEY (place, name))"


class HashIndex:
    """MD5 by place, name, size and version, in one SQLite file. It may be lost: it only spares work."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._file = home / FILE
        try:
            self._database = self._open()
        except sqlite3.DatabaseError:
            self._file.unlink(missing_ok=True)  # not a database any more
            self._database = self._open()

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._file, timeout=WAIT_SECONDS)
        try:
            database.execute("PRAGMA synchronous = OFF")
            database.execute(_TABLE)
            database.commit()
        except sqlite3.DatabaseError:
            database.close()
            raise
        return database

    def __enter__(self) -> "HashIndex":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._database.close()

    def completed(self, place: str, files: Iterable[SourceFile]) -> list[SourceFile]:
        """The files, each with its MD5 where it is known. What is known of other files of that place is forgotten."""
        rows = self._database.execute("SELECT name, size, version, md5 FROM md5s WHERE place = ?", (place,))
        known = {name: (size, version, md5) for name, size, version, md5 in rows}
        result = []
        for file in files:
            size, version, md5 = known.pop(file.name, (-1, "", b""))
            same = (size, version) == (file.size, file.version) and not file.md5
            result.append(SourceFile(file.name, file.size, file.version, md5) if same else file)
        with self._database:
            self._database.executemany("DELETE FROM md5s WHERE place = ? AND name = ?", [(place, name) for name in known])
        return result

    def learn(self, place: str, files: Iterable[SourceFile]) -> None:
        """Remember the MD5s of `files`."""
        rows = [(place, file.name, file.size, file.version, file.md5) for file in files]
        with self._database:
            self._database.executemany("INSERT OR REPLACE INTO md5s VALUES (?, ?, ?, ?, ?)", rows)
