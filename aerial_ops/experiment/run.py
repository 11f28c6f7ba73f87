"""An experiment from beginning to end: images, environment, trainings, comparison, county, report, and everything removed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from aerial_ops.errors import AerialOpsError, LeftBehindError
from aerial_ops.experiment import agenda
from aerial_ops.experiment.copying import Copying
from aerial_ops.experiment.images import prepare_images
from aerial_ops.experiment.plan import Experiment
from aerial_ops.experiment.steps import Steps
from aerial_ops.experiment.work import Results, do_work
from aerial_ops.infrastructure.approval import Approve, allow
from aerial_ops.infrastructure.down import DownOrder, Removed, down
from aerial_ops.infrastructure.durations import parse_duration
from aerial_ops.infrastructure.interruption import until_signal
from aerial_ops.infrastructure.site import Site
from aerial_ops.infrastructure.up import UpOrder, up
from aerial_ops.reporting import Reporter
from aerial_ops.settings import Settings
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.sync import open_source, sync


@dataclass(frozen=True)
class Outcome:
    """What an experiment has reached; `removed` is the proof of the teardown, None when everything was kept."""

    name: str
    results: Results
    removed: Removed | None
    steps: Steps

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "name": self.name,
            **self.results.as_dict(),
            "removed": self.removed.as_dict() if self.removed else None,
            "steps": [{"step": label, "seconds": round(seconds, 3)} for label, seconds in self.steps.done],
            "seconds": round(self.steps.seconds, 3),
        }


def run_experiment(plan: Experiment, settings: Settings, out: Path, *, base: Path, approve: Approve, report: Reporter) -> Outcome:
    """Do `plan` in a home of its own below `settings.home`; the report goes to `out`.

    Whatever happens, the environment is removed as `plan.keep` says. Raises what the failed step raised, or LeftBehindError
    when something may still exist.
    """
    site = _site_of(plan, settings, report)
    home = site.settings.home
    steps = Steps(report, agenda.agenda(plan))
    with _alone(home, report), until_signal():
        with steps.step(agenda.PREPARE):
            source = prepare_images(plan.source, home / "images", base, report)
        site.cloud.open(report)
        try:
            with steps.step(agenda.MAKE):
                _up_and_sync(site, plan, source, approve)
            results = do_work(plan, site.cloud, out, steps)
        except BaseException as error:
            _give_up(site, plan, steps, error)
            raise
        removed = _tear_down(site, plan, steps)
    return Outcome(plan.name, results, removed, steps)


def remove_experiment(plan: Experiment, settings: Settings, *, approve: Approve, report: Reporter) -> Removed | None:
    """Remove what a run of `plan` that was killed has left, as `plan.keep` says; None when everything is kept."""
    site = _site_of(plan, settings, report)
    with _alone(site.settings.home, report), until_signal():
        return _tear_down(site, plan, Steps(report, [agenda.remove(plan)]), approve)


def _site_of(plan: Experiment, settings: Settings, report: Reporter) -> Site:
    """The experiment's environment, in a home of its own."""
    home = settings.home / "experiments" / plan.name
    home.mkdir(parents=True, exist_ok=True)
    return Site.of(settings.model_copy(update={"home": home, "environment": plan.name}), report)


def _up_and_sync(site: Site, plan: Experiment, source: str, approve: Approve) -> None:
    """The sync starts as soon as the storage account stands, while the cluster is still being made."""
    order = UpOrder(
        workers=None if plan.cluster.workers == "auto" else plan.cluster.workers,
        ttl=parse_duration(plan.cluster.ttl) if plan.cluster.ttl else None,
        max_cost=plan.cluster.max_cost,
        keep_data=plan.keep != "nothing",
    )

    images = open_source(source, trust=site.cloud.trust())  # what is wrong with it is said before anything costs money

    def copy(report: Reporter) -> None:
        sync(images, BlobStore.of(site.cloud), home=site.settings.home, report=report)

    with Copying(copy, site.report) as copying:
        up(site, order, approve, when_data_stands=copying.start)


def _tear_down(site: Site, plan: Experiment, steps: Steps, approve: Approve = allow) -> Removed | None:
    with steps.step(agenda.remove(plan)):
        removed = None if plan.keep == "everything" else down(site, DownOrder(keep_data=plan.keep == "data"), approve)
        if plan.keep != "everything":
            site.cloud.close(steps.report, erase=plan.keep == "nothing")
    return removed


def _give_up(site: Site, plan: Experiment, steps: Steps, error: BaseException) -> None:
    """Remove what the failed experiment has made. The failed step's own words stay first."""
    steps.report.note(f"\nStep {steps.current!r} did not succeed; removing what was made.")
    kept = "data" if plan.keep == "everything" else plan.keep  # a failed run's cluster is of no use, and costs money
    try:
        removed = _tear_down(site, plan.model_copy(update={"keep": kept}), steps)
    except AerialOpsError as left:
        raise LeftBehindError(
            f"{_words(error)} Afterwards: {left.message}", left=left.left, suggestion=left.suggestion, data=left.data
        ) from error
    if isinstance(error, LeftBehindError) and removed is not None:
        raise AerialOpsError(error.message, left=_proof(removed), suggestion="Run the same command again.") from error
    if removed is not None:
        steps.report.note(_proof(removed))


def _proof(removed: Removed) -> str:
    kept = "The data was kept." if removed.kept_data else "Nothing that carries the environment's tag is left."
    return f"{len(removed.names)} things were removed. {kept}"


def _words(error: BaseException) -> str:
    return error.message if isinstance(error, AerialOpsError) else f"{type(error).__name__}: {error}.".replace(": .", ".")


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
