"""An experiment from beginning to end. Reads top to bottom: images, cloud, sync, trainings, comparison, county, report, stop."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from aerial_ops.analysis.report import write_report
from aerial_ops.clouds import Cloud, cloud_of
from aerial_ops.errors import AerialOpsError, DetachedError
from aerial_ops.experiment.images import prepare_images
from aerial_ops.experiment.plan import Experiment, Training
from aerial_ops.experiment.steps import Steps
from aerial_ops.jobs.orders import score_order, train_order
from aerial_ops.jobs.service import Jobs
from aerial_ops.jobs.spec import Sample, ScoreSpec, TrainSpec
from aerial_ops.reporting import Reporter
from aerial_ops.runs.history import best_of
from aerial_ops.runs.record import RunRecord
from aerial_ops.settings import Settings
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.sync import open_source, sync


@dataclass(frozen=True)
class Outcome:
    """What an experiment has reached."""

    name: str
    report: Path
    best: RunRecord
    trained: list[RunRecord]
    scored: RunRecord | None
    steps: Steps

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "name": self.name,
            "report": str(self.report),
            "best": self.best.name,
            "runs": [run.model_dump(mode="json") for run in (*self.trained, *([self.scored] if self.scored else []))],
            "steps": [{"step": label, "seconds": round(seconds, 3)} for label, seconds in self.steps.done],
            "seconds": round(self.steps.seconds, 3),
        }


def run_experiment(plan: Experiment, settings: Settings, out: Path, *, base: Path, report: Reporter) -> Outcome:
    """Do `plan` in a home of its own below `settings.home`; the report goes to `out`.

    Whatever happens, the cloud is closed at the end. Raises what the failed step raised.
    """
    home = settings.home / "experiments" / plan.name
    home.mkdir(parents=True, exist_ok=True)
    cloud = cloud_of(settings.model_copy(update={"home": home}))
    steps = Steps(report, total=6 + len(plan.train) + plan.score)
    with _alone(home, report), _terminable():
        with steps.step("Prepare the images"):
            source = prepare_images(plan.source, home / "images", base, report)
        try:
            with steps.step(f"Start the cloud ({cloud.name})"):
                cloud.open(report)
            trained, best, scored, path = _work(plan, cloud, source, home, out, steps)
        except DetachedError as stopped:
            raise AerialOpsError(
                f"Interrupted in step {steps.current!r}.",
                left="Everything was stopped.",
                suggestion="Run the same command again.",
            ) from stopped
        finally:
            with steps.step("Stop everything"):
                cloud.close(report, erase=plan.keep == "nothing")
    return Outcome(plan.name, path, best, trained, scored, steps)


def _work(
    plan: Experiment, cloud: Cloud, source: str, home: Path, out: Path, steps: Steps
) -> tuple[list[RunRecord], RunRecord, RunRecord | None, Path]:
    store, report = BlobStore.of(cloud), steps.report
    jobs = Jobs.of(cloud, store, report)
    with steps.step("Sync the images into the storage account"):
        sync(open_source(source, trust=cloud.trust()), store, home=home, report=report)
    trained = []
    for training in plan.train:
        with steps.step(f"Train {training.name} ({training.classifier} on {training.backbone})"):
            trained.append(_run(jobs, _order(store, plan, training, report)))
            report.note(_sentence(trained[-1]))
    with steps.step("Compare the models"):
        best = best_of(trained, plan.best)
        report.note(f"The best by {plan.best} is {best.name}.")
    scored = None
    if plan.score:
        with steps.step(f"Classify the county with {best.name}"):
            scored = _run(jobs, score_order(store, best.name, max_rejected=plan.max_rejected, report=report))
            report.note(_sentence(scored))
    with steps.step("Write the report"):
        path = out / "report.html"
        write_report(store, best.name, path, report)
    return trained, best, scored, path


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
    except DetachedError:
        jobs.kill(order.run_id)
        raise


def _sentence(run: RunRecord) -> str:
    if found := run.metrics:
        return f"{found.accuracy:.1%} of {found.total:,} test tiles right, {found.groups.accuracy:.1%} in three groups."
    total = sum(run.predicted.values())
    return f"{total:,} tiles: " + ", ".join(f"{name} {count / total:.0%}" for name, count in sorted(run.predicted.items())) + "."


@contextmanager
def _alone(home: Path, report: Reporter) -> Iterator[None]:
    """One experiment at a time in one home: a second waits."""
    lock = FileLock(home / "experiment.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        report.note(f"Another run of this experiment is at work in {home}; waiting for its end.")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM (a cancelled CI job) ends an experiment as Ctrl-C does: through every `finally`."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
