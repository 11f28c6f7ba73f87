"""What a run has reached already, by its journal and by what is kept in its folder."""

from collections.abc import Sequence

from aerial_ops.experiment import agenda
from aerial_ops.experiment.context import Run
from aerial_ops.experiment.journal import mark_of
from aerial_ops.experiment.plan import Training
from aerial_ops.runs.history import best_of
from aerial_ops.runs.record import RunRecord


def training_mark(run: Run, training: Training) -> str:
    """What a training depends on."""
    return mark_of(training.model_dump(mode="json"), run.plan.max_rejected, run.plan.engine)


def scoring_mark(run: Run, best: RunRecord) -> str:
    """What the scoring depends on."""
    return mark_of(best.run_id, run.plan.max_rejected, run.plan.engine)


def report_mark(best: RunRecord, scored: RunRecord | None, trained: Sequence[RunRecord]) -> str:
    """What the report depends on."""
    return mark_of(best.run_id, scored.run_id if scored else None, [record.run_id for record in trained])


def reached(run: Run, what: str, mark: str) -> RunRecord | None:
    """The record of the job that has done this step; None when it is not done, or its results are not kept."""
    done = run.journal.reached(what, mark)
    return run.kept.record(str(done["run_id"])) if done else None


def trained_before(run: Run) -> dict[str, RunRecord]:
    """The trainings that are done, by name."""
    found = {one.name: reached(run, agenda.train(one), training_mark(run, one)) for one in run.plan.train}
    return {name: record for name, record in found.items() if record}


def needs(run: Run) -> tuple[bool, bool]:
    """Whether what is left needs a cluster, and whether it needs the storage account."""
    trained = list(trained_before(run).values())
    if len(trained) < len(run.plan.train):
        return True, True
    best, scored = best_of(trained, run.plan.best), None
    if run.plan.score is not None:
        scored = reached(run, agenda.SCORE, scoring_mark(run, best))
        if scored is None:
            return True, True
    return False, run.journal.reached(agenda.REPORT, report_mark(best, scored, trained)) is None
