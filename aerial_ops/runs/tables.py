"""Run records as tables for people: columns, rows, and the columns that hold numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aerial_ops.analysis import text
from aerial_ops.runs.comparison import parameters
from aerial_ops.runs.record import RunRecord


@dataclass(frozen=True, slots=True)
class Table:
    """`columns`, `rows` of as many cells each, and in `right` the columns of numbers."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: Sequence[str] = ()


def listing(records: Sequence[RunRecord]) -> Table:
    """One line a run."""
    columns = ("Run", "Kind", "State", "Created (UTC)", "Backbone", "Classifier", "Accuracy", "Macro-F1", "Time", "Price")
    rows = [
        (
            record.run_id,
            record.kind,
            record.state,
            text.moment(record.created_at),
            record.backbone.name if record.backbone else text.NOTHING,
            record.classifier.kind if record.classifier else text.NOTHING,
            text.percent(record.metrics.accuracy if record.metrics else None),
            text.decimal(record.metrics.macro_f1 if record.metrics else None),
            text.duration(record.seconds),
            text.money(record.cost_usd),
        )
        for record in records
    ]
    return Table(columns, rows, ("Accuracy", "Macro-F1", "Time", "Price"))


def details(record: RunRecord) -> list[Table]:
    """Everything about one run: what it is, what was used, how good it is, how long each stage took."""
    return [_facts(record), *_counts(record), *_quality(record), *_predicted(record), *_stages(record)]


def comparison(data: Mapping[str, Any]) -> list[Table]:
    """What `runs.comparison.compare` found: quality and price of each run, then the parameters that differ."""
    runs: Sequence[Mapping[str, Any]] = data["runs"]
    columns = ("Run", "Model", "Accuracy", "95 % interval", "Macro-F1", "Kappa", "3 groups", "Time", "Price", "")
    rows = [
        (
            run["run_id"],
            run["name"],
            text.percent(run["accuracy"]),
            text.interval(run["accuracy_interval"]),
            text.decimal(run["macro_f1"]),
            text.decimal(run["kappa"]),
            text.percent(run["groups_accuracy"]),
            text.duration(run["seconds"]),
            text.money(run["cost_usd"]),
            "best" if run["run_id"] == data["best"] else "",
        )
        for run in runs
    ]
    tables = [Table(columns, rows, columns[2:-1])]
    if data["differences"]:
        chosen = [(key, *map(value, values)) for key, values in data["differences"].items()]
        tables.append(Table(("Difference", *(run["run_id"] for run in runs)), chosen))
    return tables


def value(given: Any) -> str:
    """A parameter for people: hashes are cut, nothing is a dash."""
    if given is None or given == "":
        return text.NOTHING
    words = str(given)
    return text.short(words) if len(words) >= 40 and all(c in "0123456789abcdef" for c in words) else words


def _facts(record: RunRecord) -> Table:
    batch = f"{record.batch.id} ({record.batch.name})" if record.batch else None
    facts = {
        "run": record.run_id,
        "kind": record.kind,
        "state": record.state,
        "error": record.error.message if record.error else None,
        "created (UTC)": text.moment(record.created_at),
        "started (UTC)": text.moment(record.started_at),
        "finished (UTC)": text.moment(record.finished_at),
        "time": text.duration(record.seconds),
        "price": text.money(record.cost_usd),
        "peak memory": text.peaks(record.memory),
        "model": record.model,
        **parameters(record),
        "batch": batch,
    }
    return Table(("About", ""), [(key, value(given)) for key, given in facts.items() if value(given) != text.NOTHING])


def _counts(record: RunRecord) -> list[Table]:
    rows = [
        (name, *(text.count(one.get(stage)) for stage in ("listed", "sampled", "used", "rejected")))
        for name, one in sorted(record.counts.items())
    ]
    columns = ("Images", "Listed", "Sampled", "Used", "Rejected")
    return [Table(columns, rows, columns[1:])] if rows else []


def _quality(record: RunRecord) -> list[Table]:
    metrics = record.metrics
    if metrics is None:
        return []
    bounds = text.interval(metrics.accuracy_interval)
    overall = [
        ("accuracy", f"{text.percent(metrics.accuracy)} (95 % interval {bounds}, {text.counted(metrics.total, 'tile')})"),
        ("three groups", text.percent(metrics.groups.accuracy)),
        ("macro-F1", text.decimal(metrics.macro_f1)),
        ("kappa", text.decimal(metrics.kappa)),
    ]
    columns = ("Class", "Precision", "Recall", "F1", "Accuracy", "Tiles")
    each = [
        (
            one.name,
            text.percent(one.precision),
            text.percent(one.recall),
            text.decimal(one.f1),
            text.percent(one.accuracy),
            text.count(one.support),
        )
        for one in metrics.per_class
    ]
    names = metrics.classes
    confusion = [(name, *map(text.count, row)) for name, row in zip(names, metrics.confusion, strict=True)]
    return [
        Table(("Quality", ""), overall),
        Table(columns, each, columns[1:]),
        Table(("True, then predicted as", *names), confusion, names),
    ]


def _predicted(record: RunRecord) -> list[Table]:
    total = sum(record.predicted.values())
    ordered = sorted(record.predicted.items(), key=lambda item: (-item[1], item[0]))
    rows = [(name, text.count(tiles), text.percent(tiles / total if total else None)) for name, tiles in ordered]
    return [Table(("Predicted", "Tiles", "Share"), rows, ("Tiles", "Share"))] if rows else []


def _stages(record: RunRecord) -> list[Table]:
    rows = [(stage, text.duration(seconds)) for stage, seconds in record.timings.items()]
    return [Table(("Stage", "Time"), rows, ("Time",))] if rows else []
