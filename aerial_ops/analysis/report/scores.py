"""The scores of two models beside each other, in words."""

from dataclasses import dataclass

from aerial_ops.analysis import text
from aerial_ops.analysis.metrics import Metrics
from aerial_ops.analysis.report.sources import ReportData
from aerial_ops.analysis.resampling import Interval, Intervals, blocks_of_tiles, bootstrap


@dataclass(frozen=True, slots=True)
class Score:
    """One line: what is measured, the two values, their 95 % intervals, and the first less the second."""

    name: str
    values: tuple[str, str]
    intervals: tuple[str, str]
    difference: str
    heading: bool = False


def scores(a: ReportData, b: ReportData) -> list[Score]:
    """Scores of both on their test sets, then by class, then what the trainings took; empty without two test sets."""
    first, second = a.metrics, b.metrics
    if first is None or second is None or a.train is None or b.train is None:
        return []
    drawn = drawn_again(a), drawn_again(b)
    lines = [
        _share("Accuracy", (first.accuracy, second.accuracy), (first.accuracy_interval, second.accuracy_interval)),
        _share(
            "In three groups",
            (first.groups.accuracy, second.groups.accuracy),
            (first.groups.accuracy_interval, second.groups.accuracy_interval),
        ),
        _number("Macro-F1", (first.macro_f1, second.macro_f1), [one.macro_f1 if one else None for one in drawn]),
        _number("Kappa", (first.kappa, second.kappa), [one.kappa if one else None for one in drawn]),
    ]
    for kind in ("recall", "precision"):
        lines.append(Score(kind.capitalize(), ("", ""), ("", ""), "", heading=True))
        lines += [_of_class(kind, name, first, second) for name in first.classes if name in second.classes]
    trainings = a.train, b.train
    took = [run.seconds for run in trainings]
    price = [run.cost_usd for run in trainings]
    return [
        *lines,
        Score("Training", ("", ""), ("", ""), "", heading=True),
        Score("Test tiles", (text.count(first.total), text.count(second.total)), ("", ""), ""),
        Score("Time", (text.duration(took[0]), text.duration(took[1])), ("", ""), ""),
        Score("Price", (text.money(price[0]), text.money(price[1])), ("", ""), ""),
    ]


def _of_class(kind: str, name: str, first: Metrics, second: Metrics) -> Score:
    found = [next(one for one in side.per_class if one.name == name) for side in (first, second)]
    values = [getattr(one, kind) for one in found]
    intervals = [getattr(one, f"{kind}_interval") for one in found]
    return _share(name, (values[0], values[1]), (intervals[0], intervals[1]))


def _share(name: str, values: tuple[float, float], intervals: tuple[Interval, Interval]) -> Score:
    return Score(
        name,
        (text.percent(values[0]), text.percent(values[1])),
        (text.interval(intervals[0]), text.interval(intervals[1])),
        _signed(f"{(values[0] - values[1]) * 100:+.1f} points"),
    )


def _number(name: str, values: tuple[float, float], intervals: list[Interval | None]) -> Score:
    low, high = (f"{one[0]:.3f} to {one[1]:.3f}" if one else "" for one in intervals)
    return Score(name, (text.decimal(values[0]), text.decimal(values[1])), (low, high), _signed(f"{values[0] - values[1]:+.3f}"))


def _signed(number: str) -> str:
    return number.replace("-", "\N{MINUS SIGN}")


def drawn_again(side: ReportData) -> Intervals | None:
    """Bootstrap intervals, by place where places are known.

    None when the table of predictions is not there or holds other classes than the metrics, or the places are too few.
    """
    if side.test is None or side.metrics is None:
        return None
    predictions = side.test.predictions
    if not {*predictions.labels, *predictions.predicted} <= {*side.metrics.classes}:
        return None
    blocks = blocks_of_tiles(side.test.places, predictions.paths) if side.test.places else None
    return bootstrap(predictions.labels, predictions.predicted, side.metrics.classes, blocks)
