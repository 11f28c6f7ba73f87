"""How the end of an experiment looks to a person; the same data as JSON."""

from typing import TYPE_CHECKING

from aerial_ops.cli import show_environment
from aerial_ops.cli.amounts import clock_text
from aerial_ops.cli.output import Output

if TYPE_CHECKING:
    from aerial_ops.experiment.run import Outcome
    from aerial_ops.infrastructure.down import Removed

MODELS = ("Model", "Test tiles right", "In three groups", "Time", "Price", "")


def outcome(out: Output, done: "Outcome") -> None:
    """The models, what became of the environment, and the report's path as the last line.

    Where the time went comes first, unless the list of steps has just shown it.
    """

    def show() -> None:
        if not out.shows_steps:
            out.line()
            out.table(("Step", "Seconds", "Share"), done.steps.shares(), right=("Seconds", "Share"))
            out.line()
        out.table(MODELS, _models(done), right=MODELS[1:5])
        for name, error in done.results.failed.items():
            out.line(f"{name} failed: {error.message}")
        out.line()
        if done.removed:
            left = (
                "the data was kept" if done.removed.kept_data else f"Azure lists {done.removed.left} with the environment's tag"
            )
            expected = ""
            if done.expected_usd is not None and done.usd_by_second is not None:
                expected = f" ({done.usd_by_second:.3f} $ by the second, {done.expected_usd:.3f} $ were expected)"
            out.line(f"Removed {len(done.removed.names)} things; {left}. The cluster cost {done.removed.usd:.2f} ${expected}.")
        out.line(f"The report: {done.results.report}")

    out.result(done.as_dict(), show)


def left(out: Output, removed: "Removed | None") -> None:
    """What became of what an experiment had left; None when its file says to keep it."""
    if removed is None:
        out.result({"kept": True}, "Nothing was removed: the experiment keeps everything until its deadline.")
    else:
        show_environment.removed(out, removed)


def _models(done: "Outcome") -> list[tuple[str, ...]]:
    return [
        (
            run.name,
            f"{run.metrics.accuracy:.1%}",
            f"{run.metrics.groups.accuracy:.1%}",
            clock_text(run.seconds or 0.0),
            "" if run.cost_usd is None else f"{run.cost_usd:.3f} $",
            "the best" if run is done.results.best else "",
        )
        for run in done.results.trained
        if run.metrics
    ]
