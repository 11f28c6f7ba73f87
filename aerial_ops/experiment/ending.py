"""The end of a run that has not reached everything: what it has made is removed, or left for a look; its error tells so."""

from aerial_ops.clouds.connection import find_connection
from aerial_ops.errors import AerialOpsError, LeftBehindError, StoppedError, redacted
from aerial_ops.experiment.context import Run
from aerial_ops.experiment.leaving import leave_for_a_look
from aerial_ops.experiment.removal import close_cloud, tear_down
from aerial_ops.infrastructure.down import Removed
from aerial_ops.infrastructure.interruption import was_interrupted


def given_up(run: Run, error: BaseException) -> BaseException:
    """Remove what the failed run has made, or leave it for a look. Gives the error to raise: the failed step's words first."""
    step, stopped = run.steps.current, _stopped(error)
    if run.site.environment.description() is None:  # the environment is described before anything of it is made
        close_cloud(run)
        return nothing_made(run, error)
    if not stopped and run.leave and (standing := leave_for_a_look(run, run.leave)):
        run.journal.fail(step, redacted(_words(error)), standing.until, standing.before)
        data = {"deadline": standing.until}
        return LeftBehindError(_words(error), left=standing.left, suggestion=standing.suggestion, data=data)
    gone = "" if stopped else _cluster_that_is_gone(run)
    run.report.note(f"\nStep {step!r} did not succeed; removing what was made.")
    try:
        removed = tear_down(run.keeping("data") if run.plan.keep == "everything" else run)  # its cluster costs money
    except AerialOpsError as left:
        run.journal.fail(step, redacted(_words(error)))
        return LeftBehindError(
            f"{_words(error)} Afterwards: {left.message}", left=left.left, suggestion=left.suggestion, data=left.data
        )
    run.journal.fail(step, redacted(_words(error)))
    return _with_proof(run, error, _proof(removed), gone, stopped=stopped)


def nothing_made(run: Run, error: BaseException) -> BaseException:
    """The error of a run that ended before it had made anything in the cloud."""
    if run.kept.records():
        run.journal.fail(run.steps.current, redacted(_words(error)))
    else:
        run.journal.drop()
    return StoppedError("Interrupted before anything was made.") if isinstance(error, KeyboardInterrupt) else error


def _with_proof(run: Run, error: BaseException, proof: str, gone: str, *, stopped: bool) -> BaseException:
    """The error with what became of the environment, and how to go on."""
    again = f"Go on where it stopped: {run.order.command('--resume')}"
    if stopped:
        return StoppedError(_words(error), left=proof, suggestion=again)
    if gone:
        return AerialOpsError(f"{gone} What the step met: {_words(error)}", left=proof, suggestion=again)
    if isinstance(error, LeftBehindError):
        return AerialOpsError(error.message, left=proof, suggestion=again, data=error.data)
    if isinstance(error, AerialOpsError):
        error.left = f"{error.left} {proof}".strip()
        error.suggestion = f"{error.suggestion}\n{again}".strip()
    else:
        run.report.note(f"{proof} {again}".strip())
    return error


def _stopped(error: BaseException) -> bool:
    """Whether the user, or whoever cancelled it, has ended the run."""
    return isinstance(error, KeyboardInterrupt) or (isinstance(error, AerialOpsError) and was_interrupted(error))


def _cluster_that_is_gone(run: Run) -> str:
    """What to say when the cluster that was made is not there any more."""
    described, connection = run.site.environment.description(), find_connection(run.site.settings)
    if described is None or connection is None or connection.livy_url is None:
        return ""
    try:
        if run.site.plane.cluster(described.resource_group, described.cluster) is not None:
            return ""
    except AerialOpsError:
        return ""  # Azure does not answer: the error itself tells more
    passed = "which has passed" if run.site.now() >= described.deadline else "which has not passed"
    return (
        f"The cluster {described.cluster} does not exist any more: its dead man's switch, or somebody, has removed it. "
        f"Its deadline was {described.deadline:%Y-%m-%d %H:%M} UTC, {passed}."
    )


def _proof(removed: Removed | None) -> str:
    if removed is None:
        return ""
    kept = "The data was kept." if removed.kept_data else "Nothing that carries the environment's tag is left."
    return f"{len(removed.names)} things were removed. {kept}"


def _words(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "Interrupted."
    return error.message if isinstance(error, AerialOpsError) else f"{type(error).__name__}: {error}.".replace(": .", ".")
