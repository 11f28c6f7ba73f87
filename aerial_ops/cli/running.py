"""An experiment's run and removal on the command line: what is shown, and what the page of a CI job is told."""

from pathlib import Path

from aerial_ops.cli import asking, show_outcome
from aerial_ops.cli.session import Session
from aerial_ops.experiment.plan import Experiment
from aerial_ops.experiment.run import RunOrder, remove_experiment, run_experiment
from aerial_ops.experiment.summary import Summary


def run(here: Session, plan: Experiment, order: RunOrder, *, page: Path | None, yes: bool) -> int:
    """Run it, or go on with it; the exit code."""
    told = Summary(page, plan.name, here.out.note)
    with here.out, told.running("Run"):
        done = run_experiment(plan, here.settings, order, told.noting(asking.asker(here.out, yes)), here.out)
        show_outcome.outcome(here.out, told.outcome(done))
    return done.exit_code


def remove(here: Session, plan: Experiment, order: RunOrder, *, page: Path | None, yes: bool) -> int:
    """Remove what an earlier run has left; the exit code."""
    told = Summary(page, plan.name, here.out.note)
    with here.out, told.running("Remove"):
        removed = remove_experiment(plan, here.settings, order, told.noting(asking.asker(here.out, yes)), here.out)
        show_outcome.left(here.out, told.removed(removed))
    return 0
