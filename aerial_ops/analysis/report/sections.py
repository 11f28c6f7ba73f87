"""The tables of the report, ready for the template."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aerial_ops.analysis.metrics import GROUPS, group_of
from aerial_ops.analysis.palette import class_colours, group_colours
from aerial_ops.analysis.report import heat
from aerial_ops.analysis.report.sources import ReportData
from aerial_ops.runs.comparison import differences, parameters
from aerial_ops.runs.record import RunRecord


@dataclass(frozen=True, slots=True)
class Land:
    """One line of the land-use table: tiles, square metres, and share as classified and smoothed; None without places."""

    name: str
    standard: str
    safe: str
    tiles: int
    area: float | None
    share: float
    smoothed: float | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a confusion matrix: tiles, share of its row, and the class name of its colour."""

    tiles: int
    share: float
    style: str


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


def land(data: ReportData) -> dict[str, list[Land]]:
    """How much land each class, and each group, covers: {"classes": ..., "groups": ...}, largest first; empty when not scored."""
    if not data.predicted:
        return {"classes": [], "groups": []}
    county = data.county
    if county is None:
        tiles, raw, smoothed = data.predicted, None, None
    else:
        tiles, raw, smoothed = county.tiles(county.raw), county.square_metres(county.raw), county.square_metres(county.smoothed)
    names = list(tiles)
    standard, safe = class_colours(names), class_colours(names, "colour-blind")
    classes = [_land([name], name, standard[name], safe[name], tiles, raw, smoothed) for name in names]
    standard, safe = group_colours(), group_colours("colour-blind")
    groups = [_land([n for n in names if group_of(n) == g], g, standard[g], safe[g], tiles, raw, smoothed) for g in GROUPS]
    return {"classes": sorted(classes, key=lambda line: (-line.share, line.name)), "groups": groups}


def _land(
    members: list[str],
    name: str,
    standard: str,
    safe: str,
    tiles: dict[str, int],
    raw: dict[str, float] | None,
    smoothed: dict[str, float] | None,
) -> Land:
    def part(amounts: dict[str, float] | dict[str, int] | None) -> float | None:
        return sum(amounts[n] for n in members) / sum(amounts.values()) if amounts and sum(amounts.values()) else None

    return Land(
        name=name,
        standard=standard,
        safe=safe,
        tiles=sum(tiles[n] for n in members),
        area=sum(raw[n] for n in members) if raw else None,
        share=part(raw or tiles) or 0.0,
        smoothed=part(smoothed),
    )


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


def differing(data: ReportData) -> dict[str, list[Any]]:
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
    newest = max((run for run in (data.train, data.score) if run), key=lambda run: run.created_at)
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
