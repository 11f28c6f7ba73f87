"""The summary in words, computed from the numbers."""

from collections.abc import Mapping

from aerial_ops.analysis import text
from aerial_ops.analysis.development import Development
from aerial_ops.analysis.metrics import GROUPS, UNDEVELOPED, ClassMetrics, Metrics, group_of
from aerial_ops.analysis.report.finding_words import newly
from aerial_ops.analysis.report.scores import drawn_again
from aerial_ops.analysis.report.sources import ReportData
from aerial_ops.runs.history import best_of
from aerial_ops.runs.record import RunRecord

CLASSIFIERS = {
    "random-forest": "a random forest",
    "logistic-regression": "a logistic regression",
    "lightgbm": "boosted trees (LightGBM)",
}
SMALL_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def headline(data: ReportData) -> str:
    """The page's title in one line."""
    if data.metrics and data.metrics.total:
        return f"Model {data.name} recognises land use in {text.percent(data.metrics.accuracy)} of test tiles"
    if data.mapped.predicted:
        return f"Land use as model {data.name} sees it: {text.counted(sum(data.mapped.predicted.values()), 'tile')}"
    return f"Land use by model {data.name}"


def summary(data: ReportData, development: Development | None = None) -> list[str]:
    """Paragraphs: what was classified and how well, what is easy and hard, which model is best, the land, what is newly
    developed there, what was left out.
    """
    parts = [_quality(data), _extremes(data.metrics), _rank(data), _land(data), newly(development), _excluded(data)]
    return [part for part in parts if part]


def method(record: RunRecord) -> str:
    """How the model works: "a random forest on efficientnet-lite0 features"."""
    kind = record.classifier.kind if record.classifier else ""
    features = f" on {record.backbone.name} features" if record.backbone else ""
    return CLASSIFIERS.get(kind, kind or "a classifier") + features


def mistaken_for(metrics: Metrics) -> dict[str, tuple[str, int]]:
    """For each class that has mistakes: the class its tiles are most often taken for, and how many are."""
    found = {}
    for i, (name, row) in enumerate(zip(metrics.classes, metrics.confusion, strict=True)):
        wrong = [(tiles, -j) for j, tiles in enumerate(row) if j != i]
        tiles, at = max(wrong, default=(0, 0))
        if tiles:
            found[name] = (metrics.classes[-at], tiles)
    return found


def _number(value: int) -> str:
    return SMALL_NUMBERS[value] if value < len(SMALL_NUMBERS) else f"{value:,}"


def _quality(data: ReportData) -> str:
    metrics = data.metrics
    if metrics is None or data.train is None:
        return f"{data.name} was trained elsewhere and not tested here, so nothing is known about how often it is right."
    if metrics.total == 0:
        return f"{data.name} was trained, but its test set held no usable tile."
    right = sum(row[i] for i, row in enumerate(metrics.confusion))
    largest = max(metrics.per_class, key=lambda one: one.support)
    occurring = sum(one.support > 0 for one in metrics.per_class)
    chance = (
        f" Always answering {largest.name} would be right for {text.percent(largest.support / metrics.total)}."
        if occurring > 1
        else ""
    )
    return (
        f"{_capital(method(data.train))} sorted {text.counted(metrics.total, 'test tile')} "
        f"into {_number(len(metrics.classes))} classes and was right for {right:,} of them: {text.percent(metrics.accuracy)}, "
        f"with a 95 % interval of {text.interval(metrics.accuracy_interval)}.{_by_place(data)} "
        f"In the three groups {text.sentence_list(list(GROUPS))} it was right for "
        f"{text.percent(metrics.groups.accuracy)}.{chance}"
    )


def _by_place(data: ReportData) -> str:
    """The interval that takes into account that neighbouring test tiles are alike; nothing where their places are not known."""
    drawn = drawn_again(data) if data.test and data.test.places else None
    if drawn is None or drawn.blocks is None:
        return ""
    return f" Drawn by place, from {drawn.blocks:,} blocks of ground, the interval is {text.interval(drawn.accuracy)}."


def _extremes(metrics: Metrics | None) -> str:
    tested = [one for one in metrics.per_class if one.support] if metrics else []
    if metrics is None or len(tested) < 2:
        return ""

    def rank(one: ClassMetrics) -> float:
        return one.f1

    best, worst = max(tested, key=rank), min(tested, key=rank)
    if best.f1 == worst.f1:
        return ""
    taken = mistaken_for(metrics).get(worst.name)
    tail = (
        f"; its tiles are most often taken for {taken[0]} ({taken[1]:,} of {worst.support:,})" if taken and taken[1] > 1 else ""
    )
    return f"{best.name} is recognised best (F1 {best.f1:.2f}) and {worst.name} worst (F1 {worst.f1:.2f}){tail}."


def _rank(data: ReportData) -> str:
    best = data.best
    if data.metrics is None or best is None or best.metrics is None or len(data.models) < 2:
        return ""
    others = [record for record in data.models if record.name != data.name]
    rival = best if best.name != data.name else best_of(others)
    if rival.metrics is None:
        return ""
    ahead = (
        f"{data.name} is the most accurate, before {rival.name}" if rival is not best else f"{best.name} is the most accurate,"
    )
    (low, high), (rival_low, rival_high) = data.metrics.accuracy_interval, rival.metrics.accuracy_interval
    verdict = (
        "Their intervals overlap, so the difference may be chance."
        if low <= rival_high and rival_low <= high
        else "Their intervals do not overlap, so the difference is hardly chance."
    )
    return f"Of the {_number(len(data.models))} models compared, {ahead} with {text.percent(rival.metrics.accuracy)}. {verdict}"


def undeveloped(metrics: Metrics) -> str:
    """Which classes make up the third group."""
    names = [name for name in metrics.classes if group_of(name) == UNDEVELOPED]
    if not names:
        return "No class counts as Undeveloped."
    return f"{text.sentence_list(names)} {'count' if len(names) > 1 else 'counts'} as Undeveloped."


def _land(data: ReportData) -> str:
    if not data.mapped.predicted:
        return ""
    if data.county is None:
        tiles = sum(data.mapped.predicted.values())
        return f"{text.counted(tiles, 'county tile')} were classified: {_shares(data.mapped.predicted)}."
    county = data.county
    land = county.square_metres(county.raw)
    total = sum(land.values())
    groups = dict.fromkeys(GROUPS, 0.0)
    for name, area in land.items():
        groups[group_of(name)] += area
    return (
        f"The map covers {text.counted(len(county), 'tile')} or {square_kilometres(total)}: {_shares(land)}. "
        f"In groups that is {text.sentence_list([f'{text.percent(groups[g] / total)} {g}' for g in GROUPS])}."
    )


def _shares(amounts: Mapping[str, float]) -> str:
    total = sum(amounts.values())
    ordered = sorted(((amount, name) for name, amount in amounts.items() if amount), key=lambda pair: (-pair[0], pair[1]))
    return text.sentence_list([f"{text.percent(amount / total)} {name}" for amount, name in ordered])


def _excluded(data: ReportData) -> str:
    counts = [one for record in data.runs for one in record.counts.values()]
    left_out = sum(one.get("rejected", 0) for one in counts)
    seen = sum(one.get("sampled", one.get("used", 0)) for one in counts)
    sampled = [run for run in data.runs if run.sample.fraction < 1]
    parts = []
    if seen:
        parts.append(
            f"{text.counted(left_out, 'image')} of {seen:,} could not be used and {'is' if left_out == 1 else 'are'} left out."
            if left_out
            else f"All {seen:,} images could be used."
        )
    for record in sampled:
        use = "used for training and test" if record.kind == "train" else "scored"
        parts.append(f"Only a sample of {text.percent(record.sample.fraction)} was {use}.")
    return " ".join(parts)


def hectares(value: float) -> str:
    """Hectares without the unit; small ones with a digit after the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def square_kilometres(square_metres: float) -> str:
    """An area such as "30.1 km²"; small ones with more digits."""
    value = square_metres / 1e6
    return f"{value:,.0f} km²" if value >= 100 else f"{value:.1f} km²" if value >= 10 else f"{value:.2f} km²"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
