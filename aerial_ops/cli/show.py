"""How records and jobs look to a person; the same data as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aerial_ops.cli.output import Output

if TYPE_CHECKING:
    from aerial_ops.jobs.listing import JobLine
    from aerial_ops.jobs.spark_settings import Setting
    from aerial_ops.runs.record import Features, RunRecord


def record(out: Output, run: "RunRecord") -> None:
    """What a train or score job has reached."""
    out.result(run.model_dump(mode="json"), lambda: out.table(("What", "Value"), _facts(run)))


def jobs(out: Output, lines: Sequence["JobLine"]) -> None:
    """The jobs, a line each."""
    if not lines:
        out.note("No job runs, and the cluster remembers none.")
    rows = [(job.run_id, job.state, job.stage, _share(job), "" if job.batch is None else job.batch) for job in lines]
    columns = ("Run", "State", "Stage", "Done", "Batch")
    out.result([job.as_dict() for job in lines], lambda: out.table(columns, rows, right=("Done", "Batch")) if rows else None)


def settings(out: Output, found: "Sequence[Setting]") -> None:
    """Spark's settings and their reasons."""
    if not found:
        out.note("The size of the worker nodes is not known: the cluster's own settings are used.")
    rows = [(setting.name, setting.value, setting.why) for setting in found]
    out.result([asdict(setting) for setting in found], lambda: out.table(("Setting", "Value", "Why"), rows) if rows else None)


def _share(job: "JobLine") -> str:
    return "" if job.done is None or not job.total else f"{job.done} of {job.total}"


def _sources(features: "Features") -> str:
    parts = [f"{features.from_cache:,} from the cache", f"{features.computed:,} computed"]
    if features.damaged_parts:
        parts.append(f"{features.damaged_parts:,} damaged parts of the cache removed")
    if features.unwritten_parts:
        parts.append(f"{features.unwritten_parts:,} parts could not be kept")
    return ", ".join(parts)


def _facts(run: "RunRecord") -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = [("Run", run.run_id), ("Model", run.name)]
    if run.metrics:
        low, high = run.metrics.accuracy_interval
        facts.append(("Accuracy", f"{run.metrics.accuracy:.1%} (95 %: {low:.1%} to {high:.1%})"))
        facts.append(("Three groups", f"{run.metrics.groups.accuracy:.1%}"))
    for images, counts in run.counts.items():
        facts.append((images.capitalize(), ", ".join(f"{value:,} {what}" for what, value in counts.items())))
    if run.features:
        facts.append(("Features", _sources(run.features)))
    if run.predicted:
        facts.append(("Predicted", ", ".join(f"{name} {count:,}" for name, count in run.predicted.items())))
    stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in run.timings.items())
    return [*facts, ("Seconds", f"{run.seconds or 0:.1f}" + (f" ({stages})" if stages else ""))]
