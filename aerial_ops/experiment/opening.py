"""Begin a run: alone in its home, anew or where the last one stopped."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from aerial_ops.errors import RefusedError, UsageError
from aerial_ops.experiment.context import IfBusy, RunOrder
from aerial_ops.experiment.journal import RunJournal, as_kept, new_run, runs_of
from aerial_ops.experiment.plan import Experiment
from aerial_ops.infrastructure.approval import Approve, Proposal
from aerial_ops.reporting import Reporter

LOCK = "experiment.lock"


@contextmanager
def alone(home: Path, if_busy: IfBusy, report: Reporter) -> Iterator[None]:
    """One run of an experiment at a time: a second waits. Raises RefusedError when it shall not."""
    lock = FileLock(home / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if if_busy == "refuse":
            raise RefusedError(
                f"Another run of this experiment is at work in {home}.",
                left="Nothing was changed.",
                suggestion="Wait for its end; or have this one wait: --if-busy wait",
            ) from None
        report.note(f"Another run of this experiment is at work in {home}; waiting for its end.")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def refuse_place(out: Path) -> None:
    """Raises UsageError when the report could not be written to `out` at the end, when all of it is paid for."""
    there = next(one for one in (out.absolute(), *out.absolute().parents) if one.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return
    raise UsageError(
        f"The report cannot be written to {out}: {there} {'may not be written to' if there.is_dir() else 'is not a folder'}.",
        left="Nothing was made.",
        suggestion="Choose another place: --out FOLDER",
    )


def open_run(home: Path, plan: Experiment, order: RunOrder, approve: Approve, report: Reporter) -> RunJournal:
    """The journal of the run that begins or goes on. Raises UsageError when there is nothing to go on with."""
    last = last_run(home, report)
    unfinished = last if last.state in {"interrupted", "failed"} else None
    if order.resume:
        if unfinished is None:
            why = "the last one has ended" if last.state == "done" else "none was begun"
            raise UsageError(
                f"There is no run of {plan.name} to go on with: {why}.",
                suggestion=f"Begin one: {order.command()}",
            )
        _refuse_other_images(unfinished, plan, order)
        report.note(f"Going on with the run {unfinished.name}, which stopped in step {unfinished.where!r}.")
        run = unfinished
    else:
        if unfinished is not None:
            _begin_anew(unfinished, order, approve, report)
        run = new_run(home, report)
    run.begin(plan)
    return run


def last_run(home: Path, report: Reporter) -> RunJournal:
    """The last run that did anything; a new one, which is "empty", when there is none."""
    return next((run for run in reversed(runs_of(home, report)) if run.state != "empty"), None) or new_run(home, report)


def _begin_anew(last: RunJournal, order: RunOrder, approve: Approve, report: Reporter) -> None:
    """Say that there is something to go on with. What may still stand is not taken over without being asked for."""
    how = f"Go on with it instead: {order.command('--resume')}"
    if last.state == "failed" and not last.standing_until:
        report.note(f"The last run ({last.name}) failed in step {last.where!r}. {how}")
        return
    report.note(f"The run {last.name} was interrupted in step {last.where!r}. {how}")
    approve(Proposal("Begin anew, and do again what that run has done?"))


def _refuse_other_images(last: RunJournal, plan: Experiment, order: RunOrder) -> None:
    """What was trained on other images cannot be gone on with; everything else may have changed in the file."""
    before, now = last.plan.get("source", {}), as_kept(plan)["source"]
    changes = list(_differences("source", before, now))
    if changes:
        raise UsageError(
            f"The images are not those of the run {last.name}: {'; '.join(changes)}.",
            left="Nothing was changed.",
            suggestion=f"Change that back, or begin anew: {order.command()}",
        )


def _differences(where: str, before: Any, now: Any) -> Iterator[str]:
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for key in dict.fromkeys([*before, *now]):
            yield from _differences(f"{where}.{key}", before.get(key), now.get(key))
    elif before != now:
        yield f"{where} was {before!r} and is {now!r}"
