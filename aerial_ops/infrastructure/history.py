"""How long things usually take on a cloud, as the journals of this machine's environments tell."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median

from aerial_ops.infrastructure.journal import Journal

TOOK = "time taken"  # what an entry is about
JOURNALS, LAST = 20, 5  # journals that are read, the newest first; times that count, the newest


@dataclass(frozen=True)
class History:
    """Times are written to `journal`, and read from all journals below `home`."""

    journal: Journal
    home: Path
    cloud: str

    def took(self, kind: str, action: str, length: timedelta) -> None:
        """Note how long it took to create or delete a resource of a type."""
        self.journal.write("done", TOOK, cloud=self.cloud, kind=kind, action=action, seconds=round(length.total_seconds(), 1))

    def usual(self, kind: str, action: str) -> timedelta | None:
        """The median of the last times; None when there was none."""
        files = [*self.home.glob("environments/*/journal.jsonl"), *self.home.glob("journals/*.jsonl")]
        newest = sorted(files, key=lambda file: file.stat().st_mtime, reverse=True)[:JOURNALS]
        wanted = {"cloud": self.cloud, "kind": kind, "action": action}
        times = [
            (entry.at, float(entry.details["seconds"]))
            for file in newest
            for entry in Journal(file).entries()
            if entry.what == TOOK and wanted.items() <= entry.details.items()
        ]
        last = [seconds for _, seconds in sorted(times)[-LAST:]]
        return timedelta(seconds=median(last)) if last else None
