"""Remove what a run has made, and keep its bill."""

from dataclasses import replace

from aerial_ops.errors import AerialOpsError, LeftBehindError, RefusedError
from aerial_ops.experiment import agenda
from aerial_ops.experiment.bill import RunBill, bill_of, keep_bill
from aerial_ops.experiment.context import Run
from aerial_ops.infrastructure.approval import Approve, allow
from aerial_ops.infrastructure.down import DownOrder, Removed, down


def tear_down(run: Run, approve: Approve | None = None) -> Removed | None:
    """Remove the environment as the plan says; None when everything is kept. The bill is in the run's folder afterwards.

    Raises LeftBehindError whenever something may be left; RefusedError when `approve` does not allow it.
    """
    keep = run.plan.keep
    with run.steps.step(agenda.remove(run.plan)) as step, run.journal.step(agenda.remove(run.plan)):
        if keep == "everything":
            return None
        try:
            removed = down(run.site, DownOrder(keep_data=keep == "data"), approve or allow)
            run.site.cloud.close(run.report, erase=keep == "nothing")
        except (Exception, KeyboardInterrupt) as error:
            if isinstance(error, RefusedError) and approve:
                raise
            raise _left_behind(run, error) from error
        bill = bill_of(run) or RunBill(0.0, 0.0)
        removed = replace(removed, usd=bill.usd)  # what other runs had in the environment is in their bills
        if bill.usd:
            run.steps.paid(bill.usd)
        if removed.names or bill.usd:
            keep_bill(run, bill, removed)
        if removed.names:
            left = "the data was kept" if removed.kept_data else f"Azure lists {removed.left} with the environment's tag"
            run.steps.tell(step, f"{len(removed.names)} resources are gone; {left}.")
    return removed


def close_cloud(run: Run) -> None:
    """Leave a cloud in which this run has made nothing, and in which this machine knows of nothing."""
    try:
        empty = not run.site.plane.inventory(run.plan.name)
    except AerialOpsError:
        empty = False  # it does not answer; so nothing is erased
    if empty:
        run.site.environment.forget()
    run.site.cloud.close(run.report, erase=empty)


def _left_behind(run: Run, error: Exception | KeyboardInterrupt) -> LeftBehindError:
    again = f"Remove it: {run.order.command('--remove')}"
    if isinstance(error, AerialOpsError):
        left = error.left if isinstance(error, LeftBehindError) else "What was made may still exist, and cost money."
        return LeftBehindError(error.message, left=left, suggestion=again, data=error.data)
    what = "Interrupted" if isinstance(error, KeyboardInterrupt) else f"{type(error).__name__} ({error})"
    return LeftBehindError(
        f"{what} while everything was being removed.",
        left="What was not removed yet exists, and may cost money.",
        suggestion=again,
    )
