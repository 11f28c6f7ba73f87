"""How an estimate looks; the same data as JSON."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from aerial_ops.cli.output import Output

if TYPE_CHECKING:
    from aerial_ops.planning.estimate import Estimate
    from aerial_ops.planning.forecast import Forecast
    from aerial_ops.planning.rates import Rates
    from aerial_ops.runs.record import RunRecord


def estimate(out: Output, found: "Estimate") -> None:
    """The stages, the sum, and other numbers of workers."""
    chosen = found.chosen

    def show() -> None:
        stages = [(one.name, _minutes(one.seconds), one.limit) for one in chosen.stages if one.seconds]
        out.table(("Stage", "Minutes", "Limited by"), stages, right=("Minutes",))
        out.line(f"{chosen.workers} workers ({found.worker_size}): {_minutes(chosen.seconds)} minutes, {_usd(chosen)}.")
        out.line(f"A core computes the features of {found.rates.featurise:.0f} tiles a second, by {found.rates.source}.")
        rows = [(one.workers, _minutes(one.seconds), _usd(one)) for one in found.curve]
        out.table(("Workers", "Minutes", "Price"), rows, right=("Workers", "Minutes", "Price"))

    out.result(found.as_dict(), show)


def calibration(out: Output, run: "RunRecord", rates: "Rates") -> None:
    """What a calibration has measured."""
    computed = run.features.computed if run.features else 0
    words = f"{computed:,} tiles on {run.cores} cores: {rates.featurise:.1f} tiles a second and core."
    out.result({"run_id": run.run_id, "computed": computed, "cores": run.cores, "rates": asdict(rates)}, words)


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f}"


def _usd(one: "Forecast") -> str:
    return "price not known" if one.usd is None else f"{one.usd:.2f} $"
