"""An experiment from beginning to end: images, environment, trainings, comparison, county, report, and everything removed."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aerial_ops.errors import JobFailedError, UsageError
from aerial_ops.experiment import agenda
from aerial_ops.experiment.bill import kept_usd
from aerial_ops.experiment.context import Run, RunOrder, site_of
from aerial_ops.experiment.ending import given_up, nothing_made
from aerial_ops.experiment.images import prepare_images, refuse_missing
from aerial_ops.experiment.journal import as_kept, mark_of
from aerial_ops.experiment.leaving import how_long
from aerial_ops.experiment.log import Logged
from aerial_ops.experiment.opening import alone, last_run, open_run, refuse_place
from aerial_ops.experiment.plan import Experiment
from aerial_ops.experiment.progress import needs
from aerial_ops.experiment.removal import tear_down
from aerial_ops.experiment.signals import Signals
from aerial_ops.experiment.standing import have_stand
from aerial_ops.experiment.steps import Steps
from aerial_ops.experiment.work import Results, do_work
from aerial_ops.infrastructure.approval import Approve
from aerial_ops.infrastructure.down import Removed
from aerial_ops.reporting import Reporter
from aerial_ops.settings import Settings

__all__ = ["Outcome", "RunOrder", "remove_experiment", "run_experiment"]


@dataclass(frozen=True)
class Outcome:
    """What an experiment has reached; `removed` is the proof of the teardown, None when everything was kept.

    Its bill is in whole minutes; what was expected, and what it was, by the second, can be compared.
    """

    name: str
    results: Results
    removed: Removed | None
    steps: Steps
    folder: Path
    expected_usd: float | None = None
    usd_by_second: float | None = None

    @property
    def exit_code(self) -> int:
        """0, or that of a failed job when a training has failed and the others went on."""
        return JobFailedError.exit_code if self.results.failed else 0

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "name": self.name,
            **self.results.as_dict(),
            "removed": self.removed.as_dict() if self.removed else None,
            "steps": [{"step": label, "seconds": round(seconds, 3)} for label, seconds in self.steps.done],
            "seconds": round(self.steps.seconds, 3),
            "folder": str(self.folder),
            "expected_usd": self.expected_usd,
            "usd_by_second": self.usd_by_second,
        }


def run_experiment(plan: Experiment, settings: Settings, order: RunOrder, approve: Approve, report: Reporter) -> Outcome:
    """Do `plan` in a home of its own below `settings.home`, or go on where the last run of it stopped.

    Whatever happens, the environment is removed as `plan.keep` says. Raises what the failed step raised, or LeftBehindError
    when something may still exist.
    """
    refuse_place(order.out)
    site = site_of(plan, settings, report)
    leave, signals = how_long(order, plan), Signals(report)
    with signals.heard(), alone(site.settings.home, order.if_busy, report):
        report.note(agenda.announced(plan))
        journal = open_run(site.settings.home, plan, order, approve, report)
        told = Logged(report, journal.folder)
        run = Run(plan, order, replace(site, report=told), journal, Steps(told, agenda.agenda(plan)), leave)
        opened = site.environment.description() is not None
        try:
            source, opened = _images(run), True
            site.cloud.open(told)
            have_stand(run, source, approve)
            results = do_work(run)
        except BaseException as error:
            signals.removing()
            final = given_up(run, error) if opened else nothing_made(run, error)
            if final is error:
                raise
            raise final from error
        signals.removing()
        removed = tear_down(run)
        if results.failed:
            journal.fail(next(agenda.train(one) for one in plan.train if one.name in results.failed), "trainings failed")
            _tell_failures(run, results)
        else:
            journal.end()
    return Outcome(plan.name, results, removed, run.steps, journal.folder, journal.expected, kept_usd(journal.folder))


def remove_experiment(
    plan: Experiment, settings: Settings, order: RunOrder, approve: Approve, report: Reporter
) -> Removed | None:
    """Remove what a run of `plan` that was killed has left, as `plan.keep` says; None when everything is kept."""
    if order.resume:
        raise UsageError("--remove removes what a run has left, and --resume goes on with it.", suggestion="Give one of them.")
    site = site_of(plan, settings, report)
    with Signals(report).heard(), alone(site.settings.home, order.if_busy, report):
        journal = last_run(site.settings.home, report)
        where = journal.where
        removed = tear_down(Run(plan, order, site, journal, Steps(report, [agenda.remove(plan)])), approve)
        if removed is not None and (journal.state == "interrupted" or journal.standing_until):
            journal.fail(where, "what it had left was removed")
        return removed


def _tell_failures(run: Run, results: Results) -> None:
    """What has failed although the run went on; the exit code says so too."""
    lines = [f"  {name}: {error.message}\n  {error.suggestion}".rstrip() for name, error in results.failed.items()]
    again = f"Train them again, and the county if one of them is better: {run.order.command('--resume')}"
    run.report.note("\n".join([f"\n{len(lines)} of {len(run.plan.train)} trainings failed; the others went on.", *lines, again]))


def _images(run: Run) -> str:
    """The address of the images, made or found."""
    source, folder = run.plan.source, run.site.settings.home / "images"
    mark = mark_of(as_kept(run.plan)["source"])
    made = source.sample is not None or source.scenes is not None
    if run.order.resume and made and folder.is_dir() and run.journal.reached(agenda.PREPARE, mark) is not None:
        run.steps.skipped(agenda.PREPARE, "They were prepared before.")
        return str(folder)
    if needs(run)[1]:
        refuse_missing(source, run.order.file)
    with run.steps.step(agenda.PREPARE), run.journal.step(agenda.PREPARE, mark):
        return prepare_images(source, folder, run.order.file.parent, run.report)
