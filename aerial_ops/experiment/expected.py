"""What a run is expected to cost: what the last runs like it have cost on this machine."""

import math
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from aerial_ops.experiment.bill import kept_usd
from aerial_ops.experiment.context import Run
from aerial_ops.experiment.journal import as_kept, runs_of
from aerial_ops.infrastructure.approval import Approve, Proposal
from aerial_ops.reporting import SILENT

# Two runs that have these and the cluster in common take the same time.
ALIKE = ("source", "train", "score", "parallel", "cache", "engine")
LAST = 3
MARGIN = 0.05  # two runs of the same experiment on the same machine differ by less


@dataclass(frozen=True)
class Expected:
    """The median price of the last `runs` runs like the one that begins, by the second: whole minutes would hide likeness."""

    usd: float
    runs: int

    def told(self, usd_per_hour: float) -> str:
        """In whole minutes, which are paid: an expected time that is near the end of one may take the next one too."""
        minutes = self.usd / usd_per_hour * 60
        least, most = (math.ceil(round(minutes * share, 6)) / 60 * usd_per_hour for share in (1 - MARGIN, 1 + MARGIN))
        price = f"{least:.2f} $" if f"{least:.2f}" == f"{most:.2f}" else f"{least:.2f} to {most:.2f} $"
        like = "the last run like it" if self.runs == 1 else f"the last {self.runs} runs like it"
        return f"This run is expected to cost {price}, as {like}: {minutes:.1f} minutes; whole ones are paid."


def expected(run: Run) -> Expected | None:
    """None when no run like it has ended here."""
    mine = _likeness(as_kept(run.plan))
    bills = []
    for journal in runs_of(run.site.settings.home, SILENT):
        if journal.state == "done" and _likeness(journal.plan) == mine:
            bills.append(kept_usd(journal.folder))
    last = [usd for usd in bills if usd][-LAST:]  # a run without a bill tells nothing
    return Expected(median(last), len(last)) if last else None


def telling(run: Run, approve: Approve) -> Approve:
    """`approve`, which is told besides what the run is expected to cost; the run's journal keeps that."""

    def told(proposal: Proposal) -> None:
        if proposal.rate and (found := expected(run)):
            run.journal.expect(found.usd)
            proposal = replace(proposal, notes=(*proposal.notes, found.told(proposal.rate.usd_per_hour)))
        approve(proposal)

    return told


def _likeness(plan: dict[str, Any]) -> Any:
    return [plan.get(key) for key in ALIKE], (plan.get("cluster") or {}).get("workers")
