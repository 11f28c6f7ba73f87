"""A comparison in words, computed from the numbers."""

from collections.abc import Callable

import numpy as np

from aerial_ops.analysis import text
from aerial_ops.analysis.change import Change
from aerial_ops.analysis.report.comparison import Comparison
from aerial_ops.analysis.report.words import method

CHANCE = 0.05


def headline(found: Comparison) -> str:
    """The page's title in one line."""
    first, second = found.titles
    if found.differing:
        share = found.differing.change.share
        if found.of_years:
            return f"{text.percent(share)} of the land looks different in {second} than in {first}"
        return f"{first} and {second} see the same land use on {text.percent(1 - share)} of the land"
    if found.a.metrics and found.b.metrics:
        right = [text.percent(side.metrics.accuracy) for side in (found.a, found.b) if side.metrics]
        return f"{first} is right for {right[0]} of test tiles, {second} for {right[1]}"
    return f"{first} and {second} compared"


def summary(found: Comparison) -> list[str]:
    """Paragraphs: which is better and whether that can be chance, where the maps differ, what both took."""
    parts: list[Callable[[Comparison], str]] = [_quality, _maps, _effort]
    return [words for words in (part(found) for part in parts) if words]


def change_words(change: Change, titles: tuple[str, str], of_years: bool) -> str:
    """How much land differs, from what to what, and what mistakes alone would show."""
    land = change.hectares.copy()
    total = float(land.sum())
    np.fill_diagonal(land, 0)
    hectares = float(land.sum())
    first, second = titles
    verb = f"look different in {second} than in {first}" if of_years else f"are not the same to {first} and to {second}"
    parts = [f"{hectares:,.0f} of {total:,.0f} ha ({text.percent(change.share)}) {verb}."]
    if hectares:
        was, now = np.unravel_index(int(land.argmax()), land.shape)
        names = change.classes[was], change.classes[now]
        most = f"{land.max():,.0f} ha"
        parts.append(
            f"The most, {most}, was {names[0]} in {first} and is {names[1]} in {second}."
            if of_years
            else f"The most, {most}, is {names[0]} to {first} and {names[1]} to {second}."
        )
    if change.by_error:
        bounds = text.interval((change.by_error.low, change.by_error.high))
        parts.append(
            f"Mistakes alone would make {text.percent(change.by_error.share)} of the land ({bounds}) differ, if they were made "
            f"independently of each other; that is the most that they can explain."
        )
        if of_years:
            beyond = change.beyond_error or 0.0
            parts.append(
                f"At least {text.percent(beyond)} of the land has changed beyond that."
                if beyond
                else "So the maps do not prove that anything has changed."
            )
    return " ".join(parts)


def _quality(found: Comparison) -> str:
    paired, (first, second) = found.paired, found.titles
    if paired is None:
        return ""
    right = [(paired.both + only) / paired.total for only in (paired.only_a, paired.only_b)]
    points = f"{abs(paired.difference) * 100:.1f} points"
    if paired.interval:
        low, high = paired.interval if paired.difference >= 0 else (-paired.interval[1], -paired.interval[0])
        points += f" (95 % interval {low * 100:.1f} to {high * 100:.1f})"
    verdict = "The difference is hardly chance" if paired.p_value < CHANCE else "The difference may be chance"
    likely = "less than 0.001" if paired.p_value < 0.001 else f"{paired.p_value:.3f}"
    return (
        f"Both classified the same {text.counted(paired.total, 'test tile')}. {first} was right for {text.percent(right[0])} "
        f"of them, {second} for {text.percent(right[1])}: {points} apart. Only {first} was right for {paired.only_a:,}, "
        f"only {second} for {paired.only_b:,}. {verdict} (McNemar's test, p = {likely}).".replace("p = less", "p less")
    )


def _maps(found: Comparison) -> str:
    return change_words(found.differing.change, found.titles, found.of_years) if found.differing else ""


def _effort(found: Comparison) -> str:
    if found.of_years or found.a.train is None or found.b.train is None:
        return ""
    told = []
    for title, run in zip(found.titles, (found.a.train, found.b.train), strict=True):
        price = f" for {text.money(run.cost_usd)}" if run.cost_usd is not None else ""
        told.append(f"{title} is {method(run)} and was trained in {text.duration(run.seconds)}{price}")
    return f"{'; '.join(told)}."
