"""The tables of the report, ready for the template."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aerial_ops.analysis.palette import class_colours
from aerial_ops.analysis.report import heat
from aerial_ops.analysis.report.examples import Example
from aerial_ops.analysis.report.sources import ReportData
from aerial_ops.runs.comparison import differences, parameters
from aerial_ops.runs.record import RunRecord


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a confusion matrix: tiles, share of its row, and the class name of its colour."""

    tiles: int
    share: float
    style: str


@dataclass(frozen=True, slots=True)
class Mistakes:
    """The wrong tiles of one class: how many of its tiles are wrong, and pictures of some."""

    name: str
    wrong: int
    tiles: int
    examples: Sequence[Example]

    @property
    def share(self) -> float:
        """Of the class's tiles, the share that is wrong."""
        return self.wrong / self.tiles if self.tiles else 0.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """One model of the comparison; `low`, `high` and `middle` place its interval on a scale from 0 to 100."""

    record: RunRecord
    is_best: bool
    is_this: bool
    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Matrix:
    """A confusion matrix with a row a true class, row sums, and column sums."""

    names: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    true: Sequence[int]
    predicted: Sequence[int]


def matrix(names: Sequence[str], counts: Sequence[Sequence[int]]) -> Matrix:
    """The matrix `counts` [true, predicted] with shares and colours."""
    true = [sum(row) for row in counts]
    rows = [
        [_cell(tiles, sums, heat.RIGHT if i == j else heat.WRONG) for j, tiles in enumerate(row)]
        for i, (row, sums) in enumerate(zip(counts, true, strict=True))
    ]
    return Matrix(names, rows, true, [sum(column) for column in zip(*counts, strict=True)])


def _cell(tiles: int, of: int, kind: str) -> Cell:
    share = tiles / of if of else 0.0
    return Cell(tiles, share, f"{kind}-{heat.level(share)}")


def mistakes(data: ReportData) -> list[Mistakes]:
    """The classes with wrong tiles to show, in the order of the test set's classes."""
    if data.metrics is None:
        return []
    found = []
    for i, (name, row) in enumerate(zip(data.metrics.classes, data.metrics.confusion, strict=True)):
        examples = [one for one in data.examples.wrong if one.label == name]
        if examples:
            found.append(Mistakes(name, sum(row) - row[i], sum(row), examples))
    return found


def ranking(data: ReportData) -> dict[str, Any]:
    """The models compared, the most accurate first, on a common scale: {"rows": ..., "low": ..., "high": ...} (shares)."""
    measured = [(record, record.metrics) for record in data.models if record.metrics]
    if not measured:
        return {"rows": [], "low": 0.0, "high": 1.0}
    low = int(min(metrics.accuracy_interval[0] for _, metrics in measured) * 20) / 20
    high = min(1.0, int(max(metrics.accuracy_interval[1] for _, metrics in measured) * 20 + 0.999) / 20)
    ordered = sorted(measured, key=lambda pair: (-pair[1].accuracy, pair[0].name))
    rows = [
        Ranked(
            record=record,
            is_best=data.best is not None and record.run_id == data.best.run_id,
            is_this=data.train is not None and record.run_id == data.train.run_id,
            low=_scaled(metrics.accuracy_interval[0], low, high),
            middle=_scaled(metrics.accuracy, low, high),
            high=_scaled(metrics.accuracy_interval[1], low, high),
        )
        for record, metrics in ordered
    ]
    return {"rows": rows, "low": low, "high": high}


def _scaled(share: float, low: float, high: float) -> float:
    return round(100 * (share - low) / (high - low), 2) if high > low else 50.0


def varying(data: ReportData) -> dict[str, list[Any]]:
    """The parameters in which the compared models differ, one value a model, in the order of `ranking`."""
    return differences([line.record for line in ranking(data)["rows"]])


def swatches(data: ReportData) -> dict[str, str]:
    """A colour for each class of the test set, the same as on the map."""
    return class_colours(data.metrics.classes) if data.metrics else {}


def provenance(data: ReportData) -> list[tuple[str, RunRecord, dict[str, Any]]]:
    """The runs behind the page, each with everything that was chosen."""
    runs = (("Training", data.train), ("Scoring", data.score))
    return [(title, record, parameters(record)) for title, record in runs if record]


def left_out(data: ReportData) -> int:
    """Images that the newest job of the model set aside, by its record."""
    newest = max(data.runs, key=lambda run: run.created_at)
    return sum(counts.get("rejected", 0) for counts in newest.counts.values())


def commands(data: ReportData) -> list[str]:
    """The commands that make this report again, from a source of images."""
    lines = ["aerial-ops sync --source SOURCE"]
    if data.train:
        lines.append(shlex.join(["aerial-ops", "train", "--name", data.name, *_choices(data.train)]))
    if data.score:
        lines.append(shlex.join(["aerial-ops", "score", "--name", data.name, *_sample(data.score)]))
    return [*lines, shlex.join(["aerial-ops", "report", data.name])]


def _choices(record: RunRecord) -> list[str]:
    words = ["--backbone", record.backbone.name] if record.backbone else []
    if record.classifier:
        words += ["--classifier", record.classifier.kind]
        for name in sorted(record.classifier.params):
            words += ["--param", f"{name}={record.classifier.params[name]}"]
    return words + _sample(record)


def _sample(record: RunRecord) -> list[str]:
    words = ["--sample-frac", f"{record.sample.fraction:g}"] if record.sample.fraction < 1 else []
    return words + (["--seed", str(record.sample.seed)] if record.sample.seed else [])
