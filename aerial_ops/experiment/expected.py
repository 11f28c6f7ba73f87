"""What a run is expected to cost: what the last runs like it have cost on this machine."""

import json
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from aerial_ops.experiment.context import Run
from aerial_ops.experiment.journal import as_kept, runs_of
from aerial_ops.experiment.removal import BILL
from aerial_ops.infrastructure.approval import Approve, Proposal
from aerial_ops.reporting import SILENT

ALIKE = (
    "source",
    "train",
    "score",
    "parallel",
    "cache",
    "engine",
)  # two runs that have these and the cluster in common take the same time
LAST = 3


@dataclass(frozen=True)
class Expected:
    """The median price of the last `runs` runs like the one that begins."""

    usd: float
    runs: int

    def __str__(self) -> str:
        like = "the last run like it" if self.runs == 1 else f"the last {self.runs} runs like it"
        return f"This run is expected to cost {self.usd:.2f} $, as {like}."


def expected(run: Run) -> Expected | None:
    """None when no run like it has ended here."""
    mine = _likeness(as_kept(run.plan))
    bills = []
    for journal in runs_of(run.site.settings.home, SILENT):
        if journal.state == "done" and _likeness(journal.plan) == mine:
            try:
                bills.append(float(json.loads((journal.folder / BILL).read_text())["usd"]))
            except (OSError, ValueError, KeyError):
                continue  # a run without a bill tells nothing
    return Expected(median(bills[-LAST:]), len(bills[-LAST:])) if bills else None


def telling(run: Run, approve: Approve) -> Approve:
    """`approve`, which is told besides what the run is expected to cost; the run's journal keeps that."""

    def told(proposal: Proposal) -> None:
        if proposal.rate and (found := expected(run)):
            run.journal.expect(found.usd)
            proposal = replace(proposal, notes=(*proposal.notes, str(found)))
        approve(proposal)

    return told


def _likeness(plan: dict[str, Any]) -> Any:
    return [plan.get(key) for key in ALIKE], (plan.get("cluster") or {}).get("workers")
