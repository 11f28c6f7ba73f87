"""What an experiment does while its environment stands: trainings, comparison, county, report."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from aerial_ops.errors import AerialOpsError
from aerial_ops.experiment import agenda, progress
from aerial_ops.experiment.batches import Batches, how_many, waves
from aerial_ops.experiment.context import Run
from aerial_ops.experiment.plan import Training
from aerial_ops.experiment.scaling import scale_for_scoring
from aerial_ops.jobs.orders import score_order, train_order
from aerial_ops.jobs.spec import Sample, ScoreSpec, TrainSpec
from aerial_ops.runs.history import best_of
from aerial_ops.runs.record import RunRecord
from aerial_ops.storage.blobs import BlobStore

REPORT = "report.html"


@dataclass(frozen=True)
class Results:
    """The models, the best of them, the scored county, the report; `failed` are trainings by name, and why."""

    trained: list[RunRecord]
    best: RunRecord
    scored: RunRecord | None
    report: Path
    failed: dict[str, AerialOpsError] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        runs = [*self.trained, *([self.scored] if self.scored else [])]
        return {
            "report": str(self.report),
            "best": self.best.name,
            "runs": [run.model_dump(mode="json") for run in runs],
            "failed": {name: error.as_dict() for name, error in self.failed.items()},
        }


def do_work(run: Run) -> Results:
    """Train, compare, score and report; the images are in the storage account. What was reached before is not done again."""
    return _Work(run).do()


class _Work:
    def __init__(self, run: Run) -> None:
        self._run, self._plan, self._steps = run, run.plan, run.steps

    @cached_property
    def _store(self) -> BlobStore:
        return self._run.store

    def do(self) -> Results:
        trained, failed = self._train()
        with self._steps.step(agenda.COMPARE) as step:
            best = best_of(trained, self._plan.best)
            self._steps.tell(step, f"The best by {self._plan.best} is {best.name}.")
        scored = self._score(best) if self._plan.score is not None else None
        path = self._report(best, scored, trained)
        return Results(trained, best, scored, path, failed)

    def _train(self) -> tuple[list[RunRecord], dict[str, AerialOpsError]]:
        """The records of what succeeded, and the errors of what did not, both in the plan's order. Raises when all failed."""
        before = progress.trained_before(self._run)
        for training in self._plan.train:
            if record := before.get(training.name):
                self._steps.skipped(agenda.train(training), f"It was done before: {sentence(record)}")
        left = [training for training in self._plan.train if training.name not in before]
        found: dict[str, RunRecord | AerialOpsError] = dict(before)
        for wave in waves(left, cache=self._plan.cache):
            many = how_many(self._plan.parallel, self._run.site.cloud.cluster(), len(wave))
            batches = Batches.of(self._run, self._store, many)
            works = [self._training(training, batches) for training in wave]
            found |= dict(zip([one.name for one in wave], batches.at_once(works), strict=True))
        inorder = {training.name: found[training.name] for training in self._plan.train}
        failed = {name: one for name, one in inorder.items() if isinstance(one, AerialOpsError)}
        if len(failed) == len(inorder):
            raise next(iter(failed.values()))
        return [one for one in inorder.values() if isinstance(one, RunRecord)], failed

    def _training(self, training: Training, batches: Batches) -> Callable[[], RunRecord]:
        def work() -> RunRecord:
            label, mark = agenda.train(training), progress.training_mark(self._run, training)
            with self._steps.step(label, f"({training.classifier} on {training.backbone})") as step:
                record = batches.carry_out(label, mark, lambda: self._order(training))
                self._steps.tell(step, sentence(record))
            return record

        return work

    def _order(self, training: Training) -> TrainSpec:
        return train_order(
            self._store,
            training.name,
            backbone=training.backbone,
            classifier=training.classifier,
            params=training.params,
            sample=Sample(fraction=training.sample_frac, seed=training.seed),
            max_rejected=self._plan.max_rejected,
            overwrite=True,  # an experiment's file says what its models are: a change of it retrains them
            cache=self._plan.cache,
            engine=self._plan.engine,
            report=self._run.report,
        )

    def _score(self, best: RunRecord) -> RunRecord:
        mark = progress.scoring_mark(self._run, best)
        if before := progress.reached(self._run, agenda.SCORE, mark):
            self._steps.skipped(agenda.SCORE, f"It was done before: {sentence(before)}")
            return before
        scale_for_scoring(self._run, best)
        with self._steps.step(agenda.SCORE, f"with {best.name}") as step:
            batches = Batches.of(self._run, self._store)
            record = batches.carry_out(agenda.SCORE, mark, lambda: self._scoring_order(best))
            self._steps.tell(step, sentence(record))
        return record

    def _scoring_order(self, best: RunRecord) -> ScoreSpec:
        plan = self._plan
        return score_order(
            self._store,
            best.name,
            max_rejected=plan.max_rejected,
            overwrite=True,
            cache=plan.cache,
            engine=plan.engine,
            report=self._run.report,
        )

    def _report(self, best: RunRecord, scored: RunRecord | None, trained: list[RunRecord]) -> Path:
        """The report, at the place that was asked for and in the run's folder."""
        from aerial_ops.analysis.report import write_report

        path, copy = self._run.order.out / REPORT, self._run.journal.folder / REPORT
        mark = progress.report_mark(best, scored, trained)
        if self._run.journal.reached(agenda.REPORT, mark) is not None and copy.is_file():
            self._steps.skipped(agenda.REPORT, "It was written before.")
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(copy, path)
            return path
        with self._steps.step(agenda.REPORT), self._run.journal.step(agenda.REPORT, mark):
            write_report(self._store, best.name, path, self._run.report)
            shutil.copyfile(path, copy)
        return path


def sentence(run: RunRecord) -> str:
    """What a run has reached."""
    if found := run.metrics:
        return f"{found.accuracy:.1%} of {found.total:,} test tiles right, {found.groups.accuracy:.1%} in three groups."
    total = sum(run.predicted.values())
    return f"{total:,} tiles: " + ", ".join(f"{name} {count / total:.0%}" for name, count in sorted(run.predicted.items())) + "."
