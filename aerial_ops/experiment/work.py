"""What an experiment does while its environment stands: trainings, comparison, county, report."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aerial_ops.analysis.report import write_report
from aerial_ops.clouds import Cloud
from aerial_ops.errors import AerialOpsError, DetachedError
from aerial_ops.experiment import agenda
from aerial_ops.experiment.plan import Experiment, Training
from aerial_ops.experiment.steps import Steps
from aerial_ops.jobs.orders import score_order, train_order
from aerial_ops.jobs.service import Jobs
from aerial_ops.jobs.spec import Sample, ScoreSpec, TrainSpec
from aerial_ops.reporting import Reporter
from aerial_ops.runs.history import best_of
from aerial_ops.runs.record import RunRecord
from aerial_ops.storage.blobs import BlobStore


@dataclass(frozen=True)
class Results:
    """The models, the best of them, the scored county, the report."""

    trained: list[RunRecord]
    best: RunRecord
    scored: RunRecord | None
    report: Path

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        runs = [*self.trained, *([self.scored] if self.scored else [])]
        return {"report": str(self.report), "best": self.best.name, "runs": [run.model_dump(mode="json") for run in runs]}


def do_work(plan: Experiment, cloud: Cloud, out: Path, steps: Steps) -> Results:
    """Train, compare, score and report; the images are in the storage account."""
    store, report = BlobStore.of(cloud), steps.report
    jobs = Jobs.of(cloud, store, report)
    trained = []
    for training in plan.train:
        with steps.step(agenda.train(training), f"({training.classifier} on {training.backbone})") as step:
            trained.append(_run(jobs, _order(store, plan, training, report)))
            steps.tell(step, sentence(trained[-1]))
    with steps.step(agenda.COMPARE) as step:
        best = best_of(trained, plan.best)
        steps.tell(step, f"The best by {plan.best} is {best.name}.")
    scored = None
    if plan.score:
        with steps.step(agenda.SCORE, f"with {best.name}") as step:
            scored = _run(jobs, score_order(store, best.name, max_rejected=plan.max_rejected, report=report))
            steps.tell(step, sentence(scored))
    with steps.step(agenda.REPORT):
        path = out / "report.html"
        write_report(store, best.name, path, report)
    return Results(trained, best, scored, path)


def sentence(run: RunRecord) -> str:
    """What a run has reached."""
    if found := run.metrics:
        return f"{found.accuracy:.1%} of {found.total:,} test tiles right, {found.groups.accuracy:.1%} in three groups."
    total = sum(run.predicted.values())
    return f"{total:,} tiles: " + ", ".join(f"{name} {count / total:.0%}" for name, count in sorted(run.predicted.items())) + "."


def _order(store: BlobStore, plan: Experiment, training: Training, report: Reporter) -> TrainSpec:
    return train_order(
        store,
        training.name,
        backbone=training.backbone,
        classifier=training.classifier,
        params=training.params,
        sample=Sample(fraction=training.sample_frac, seed=training.seed),
        max_rejected=plan.max_rejected,
        overwrite=True,  # an experiment's file says what its models are: a change of it retrains them
        report=report,
    )


def _run(jobs: Jobs, order: TrainSpec | ScoreSpec) -> RunRecord:
    try:
        return jobs.run(order)
    except DetachedError as stopped:
        jobs.kill(order.run_id)
        raise AerialOpsError(f"Interrupted: {order.run_id} was killed.", suggestion="Run the same command again.") from stopped
