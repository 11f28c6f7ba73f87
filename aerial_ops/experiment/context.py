"""What the parts of a run have at hand."""

import shlex
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal

from aerial_ops.experiment.journal import RunJournal
from aerial_ops.experiment.keeping import Kept
from aerial_ops.experiment.plan import Experiment
from aerial_ops.experiment.steps import Steps
from aerial_ops.infrastructure.site import Site
from aerial_ops.reporting import Reporter
from aerial_ops.settings import Settings
from aerial_ops.storage.blobs import BlobStore

IfBusy = Literal["wait", "refuse"]


@dataclass(frozen=True)
class RunOrder:
    """How an experiment is to be run. `file` is where it stands, and where its relative paths start; the report goes to `out`.

    `resume`: go on with the last run. `if_busy`: what to do when another run of the same experiment is at work.
    `keep_on_failure` overrides the file's. Without `check_price` a price list that is away is no obstacle.
    """

    file: Path
    out: Path
    resume: bool = False
    if_busy: IfBusy = "wait"
    keep_on_failure: str | None = None
    check_price: bool = True

    def command(self, *flags: str) -> str:
        """A command that has to do with this experiment."""
        return " ".join(["aerial-ops run", shlex.quote(str(self.file)), *flags])


@dataclass(frozen=True)
class Run:
    """One run of an experiment, while it lasts. `leave`: how long its cluster is left standing when it fails."""

    plan: Experiment
    order: RunOrder
    site: Site
    journal: RunJournal
    steps: Steps
    leave: timedelta | None = None

    @property
    def report(self) -> Reporter:
        """Where notes and progress go."""
        return self.steps.report

    @cached_property
    def kept(self) -> Kept:
        """What was reached, in the run's folder."""
        return Kept(self.journal.folder)

    def keeping(self, keep: Literal["nothing", "data", "everything"]) -> "Run":
        """The same run, which ends by keeping something else than its file says."""
        return replace(self, plan=self.plan.model_copy(update={"keep": keep}))

    @property
    def store(self) -> BlobStore:
        """The environment's storage account, as it is now."""
        return BlobStore.of(self.site.cloud)


def site_of(plan: Experiment, settings: Settings, report: Reporter) -> Site:
    """The experiment's environment, in a home of its own."""
    home = settings.home / "experiments" / plan.name
    home.mkdir(parents=True, exist_ok=True)
    return Site.of(settings.model_copy(update={"home": home, "environment": plan.name}), report)
