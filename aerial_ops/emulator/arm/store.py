"""Everything that exists, in one SQLite file that survives a restart and a kill."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STATE = "state.sqlite"  # in the folder of an emulated Azure
SUFFIX = "storage-suffix"  # a setting: the addresses of accounts end in it
SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS resources (
    key TEXT PRIMARY KEY, kind TEXT NOT NULL, body TEXT NOT NULL, hidden TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS resources_kind ON resources (kind);
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, due REAL NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL, data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_due ON events (due);
CREATE TABLE IF NOT EXISTS operations (id TEXT PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS requests (number INTEGER PRIMARY KEY AUTOINCREMENT, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS bills (number INTEGER PRIMARY KEY AUTOINCREMENT, cluster TEXT NOT NULL, data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS bills_cluster ON bills (cluster);
"""
KEPT_REQUESTS = 20_000


@dataclass
class Resource:
    """A resource: `body` is its ARM representation, `hidden` what ARM never shows (keys, passwords, internal marks)."""

    kind: str  # for example Microsoft.HDInsight/clusters
    body: dict[str, Any]
    hidden: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The ARM id as it was first written."""
        return str(self.body["id"])

    @property
    def key(self) -> str:
        """The id in lower case: by this it is found."""
        return self.id.lower()

    @property
    def name(self) -> str:
        """The last part of the id."""
        return str(self.body["name"])

    @property
    def location(self) -> str:
        """The region; empty for what has none."""
        return str(self.body.get("location") or "")

    @property
    def properties(self) -> dict[str, Any]:
        """The body's properties, to be changed in place and stored again."""
        found: dict[str, Any] = self.body.setdefault("properties", {})
        return found


@dataclass(frozen=True)
class Event:
    """Something that will happen to `target` when the emulated clock reaches `due`."""

    number: int
    due: float
    action: str
    target: str
    data: dict[str, Any]


class Store:
    """SQLite behind one lock; every change is in a transaction, and a reader sees only whole ones."""

    def __init__(self, path: Path | str) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; may be nested (the outermost decides)."""
        with self._lock:
            if self._depth == 0:
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                if self._depth == 1:
                    self._db.execute("ROLLBACK")
                raise
            else:
                if self._depth == 1:
                    self._db.execute("COMMIT")
            finally:
                self._depth -= 1

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _rows(self, sql: str, *values: object) -> list[Any]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    # Settings

    def setting(self, name: str) -> Any:
        """The value kept under `name`; None when there is none."""
        rows = self._rows("SELECT value FROM settings WHERE name = ?", name)
        return json.loads(rows[0][0]) if rows else None

    def keep(self, name: str, value: Any) -> None:
        """Keep a JSON value under `name`."""
        with self.transaction():
            self._rows("INSERT OR REPLACE INTO settings VALUES (?, ?)", name, json.dumps(value))

    # Resources

    def get(self, id: str) -> Resource | None:
        """The resource with this id, compared without regard to case."""
        rows = self._rows("SELECT kind, body, hidden FROM resources WHERE key = ?", id.rstrip("/").lower())
        return _resource(rows[0]) if rows else None

    def put(self, resource: Resource) -> Resource:
        """Store a resource, new or changed."""
        with self.transaction():
            body, hidden = json.dumps(resource.body), json.dumps(resource.hidden)
            self._rows("INSERT OR REPLACE INTO resources VALUES (?, ?, ?, ?)", resource.key, resource.kind, body, hidden)
        return resource

    def remove(self, id: str) -> list[Resource]:
        """Remove a resource and all that lies below it; gives what was removed."""
        key = id.rstrip("/").lower()
        with self.transaction():
            gone = [found for found in (self.get(key),) if found] + self.below(key)
            self._rows("DELETE FROM resources WHERE key = ? OR key GLOB ?", key, _glob(key))
            self._rows("DELETE FROM events WHERE target = ? OR target GLOB ?", key, _glob(key))
        return gone

    def below(self, id: str, kind: str | None = None) -> list[Resource]:
        """What lies below an id (itself not), by id; all of it, or of one kind (compared without regard to case)."""
        key = id.rstrip("/").lower()
        sql = "SELECT kind, body, hidden FROM resources WHERE key GLOB ?"
        if kind is None:
            return [_resource(row) for row in self._rows(sql + " ORDER BY key", _glob(key))]
        rows = self._rows(sql + " AND lower(kind) = ? ORDER BY key", _glob(key), kind.lower())
        return [_resource(row) for row in rows]

    # Events

    def plan(self, due: float, action: str, target: str, data: dict[str, Any]) -> None:
        """Let `action` happen to `target` at `due`."""
        with self.transaction():
            sql = "INSERT INTO events (due, action, target, data) VALUES (?, ?, ?, ?)"
            self._rows(sql, due, action, target.lower(), json.dumps(data))

    def planned(self, until: float | None = None, target: str | None = None) -> list[Event]:
        """What is to happen, by time: until a moment, to one target."""
        sql = "SELECT number, due, action, target, data FROM events WHERE 1"
        values: list[object] = []
        if until is not None:
            sql, values = sql + " AND due <= ?", [*values, until]
        if target is not None:
            sql, values = sql + " AND target = ?", [*values, target.lower()]
        rows = self._rows(sql + " ORDER BY due, number", *values)
        return [Event(number, due, action, key, json.loads(data)) for number, due, action, key, data in rows]

    def cancel(self, target: str, *actions: str) -> None:
        """Forget the named actions planned for `target`; all of them when none is named."""
        with self.transaction():
            for event in self.planned(target=target):
                if not actions or event.action in actions:
                    self.done(event.number)

    def done(self, number: int) -> None:
        """Forget one event: it has happened."""
        with self.transaction():
            self._rows("DELETE FROM events WHERE number = ?", number)

    # Operations

    def operation(self, id: str) -> dict[str, Any] | None:
        """A long-running operation's record."""
        rows = self._rows("SELECT data FROM operations WHERE id = ?", id)
        return dict(json.loads(rows[0][0])) if rows else None

    def keep_operation(self, id: str, record: dict[str, Any]) -> None:
        """Store a long-running operation's record."""
        with self.transaction():
            self._rows("INSERT OR REPLACE INTO operations VALUES (?, ?)", id, json.dumps(record))

    def operations(self) -> dict[str, dict[str, Any]]:
        """Every long-running operation, by id."""
        return {id: json.loads(data) for id, data in self._rows("SELECT id, data FROM operations ORDER BY rowid")}

    # Requests and bills

    def log(self, record: dict[str, Any]) -> int:
        """Note a request; gives its number. The oldest are forgotten."""
        with self.transaction():
            self._rows("INSERT INTO requests (data) VALUES (?)", json.dumps(record))
            number = int(self._rows("SELECT max(number) FROM requests")[0][0])
            if number % 1000 == 0:
                self._rows("DELETE FROM requests WHERE number <= ?", number - KEPT_REQUESTS)
        return number

    def requests(self, since: int = 0) -> list[dict[str, Any]]:
        """The requests after number `since`, oldest first."""
        rows = self._rows("SELECT number, data FROM requests WHERE number > ? ORDER BY number", since)
        return [{"number": number, **json.loads(data)} for number, data in rows]

    def bill(self, cluster: str, record: dict[str, Any], number: int | None = None) -> None:
        """Add a line to a cluster's bill, or replace line `number`."""
        with self.transaction():
            self._rows("INSERT OR REPLACE INTO bills VALUES (?, ?, ?)", number, cluster, json.dumps(record))

    def bills(self) -> list[tuple[int, str, dict[str, Any]]]:
        """Every line of every bill: its number, the cluster, the record."""
        rows = self._rows("SELECT number, cluster, data FROM bills ORDER BY number")
        return [(number, cluster, json.loads(data)) for number, cluster, data in rows]


def _resource(row: tuple[str, str, str]) -> Resource:
    return Resource(row[0], json.loads(row[1]), json.loads(row[2]))


def _glob(key: str) -> str:
    """A GLOB for what lies below `key`; characters that GLOB knows are taken literally."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in key) + "/*"
