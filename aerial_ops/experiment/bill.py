"""What a run's clusters have cost: those that it has ordered, also before it was interrupted; not those of other runs."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aerial_ops.experiment.context import Run
from aerial_ops.infrastructure.cost import bills_since
from aerial_ops.infrastructure.down import Removed

FILE = "bill.json"
_TOLD = ("cluster", "created_at", "gone_at", "source", "usd", "usd_by_second")


@dataclass(frozen=True)
class RunBill:
    """`usd` counts minutes that were begun as whole ones, as Azure does; `usd_by_second` does not. `clusters` are its parts."""

    usd: float
    usd_by_second: float
    clusters: tuple[dict[str, Any], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"usd": round(self.usd, 4), "usd_by_second": round(self.usd_by_second, 6), "clusters": list(self.clusters)}


def bill_of(run: Run) -> RunBill | None:
    """The bill so far; None when no cluster of the run is gone yet."""
    began = run.journal.began
    if began is None:
        return None
    found = [entry for journal in run.site.environment.journals() for entry in bills_since(journal.entries(), began)]
    if not found:
        return None
    clusters = tuple({key: entry.details.get(key) for key in _TOLD} for entry in found)
    usd, by_second = (sum(float(one[key] or 0.0) for one in clusters) for key in ("usd", "usd_by_second"))
    return RunBill(usd, by_second, clusters)


def keep_bill(run: Run, bill: RunBill, removed: Removed) -> None:
    """Write it into the run's folder, with what was removed."""
    try:
        (run.journal.folder / FILE).write_text(json.dumps({**removed.as_dict(), **bill.as_dict()}, indent=2) + "\n")
    except OSError as error:  # everything is removed, and its price is told besides
        run.report.note(f"The bill could not be kept in {run.journal.folder}: {error.strerror}.")


def kept_usd(folder: Path) -> float | None:
    """What the run of that folder has cost by the second; None when that is not known."""
    try:
        return float(json.loads((folder / FILE).read_text())["usd_by_second"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
