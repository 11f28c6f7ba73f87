"""Two models, or two years of one, side by side: what a comparing page shows."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.pairing import Paired, Pairs, compare_models, pair_predictions
from aerial_ops.analysis.report.differences import Differences, differences
from aerial_ops.analysis.report.examples import thumbnail
from aerial_ops.analysis.report.findings import change_of
from aerial_ops.analysis.report.results import Results
from aerial_ops.analysis.report.sources import ReportData, collect
from aerial_ops.analysis.resampling import blocks_of_tiles
from aerial_ops.errors import DataError, UsageError
from aerial_ops.names import checked_name
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.storage import layout

EACH = 12
SPARE = 3


@dataclass(frozen=True, slots=True)
class Disputed:
    """A test tile of which one model is right: what it is, what both called it, its picture."""

    path: str
    label: str
    a: str
    b: str
    picture: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both sides with their `titles`. `paired` compares them on the test tiles that they have in common.

    `only_a` and `only_b` are some of the tiles of which only that one is right. `notes` say what could not be compared.
    """

    a: ReportData
    b: ReportData
    titles: tuple[str, str]
    paired: Paired | None
    only_a: tuple[Disputed, ...]
    only_b: tuple[Disputed, ...]
    differing: Differences | None
    notes: tuple[str, ...]

    @property
    def of_years(self) -> bool:
        """Whether it is one model in two years."""
        return self.a.name == self.b.name


def compare(results: Results, a: str, b: str, reporter: Reporter = SILENT) -> Comparison:
    """Compare `a` and `b`, each a model's name or NAME@YEAR. Raises UsageError when they are the same or nothing is known."""
    first, second = (_side(results, name, reporter) for name in (a, b))
    if (first.name, first.mapped.year) == (second.name, second.mapped.year):
        raise UsageError(
            f"{a} and {b} are the same, so there is nothing to compare.",
            suggestion="Name two models, or two years of one as NAME@2009 NAME@2018.",
        )
    titles = _title(first, second), _title(second, first)
    notes = [f"{title}: {note}" for title, side in zip(titles, (first, second), strict=True) for note in side.notes]
    pairs = _pairs(first, second, notes) if first.name != second.name else None
    return Comparison(
        a=first,
        b=second,
        titles=titles,
        paired=compare_models(pairs.labels, pairs.a, pairs.b, _blocks(first, pairs)) if pairs else None,
        only_a=_disputed(results, pairs, 0) if pairs else (),
        only_b=_disputed(results, pairs, 1) if pairs else (),
        differing=_differing(results, first, second, titles, notes),
        notes=tuple(notes),
    )


def _side(results: Results, named: str, reporter: Reporter) -> ReportData:
    name, _, year = named.partition("@")
    return collect(results, checked_name(name), reporter, year)


def _title(one: ReportData, other: ReportData) -> str:
    if one.name == other.name:
        return one.mapped.year or one.name
    return f"{one.name} ({one.mapped.year})" if one.mapped.year != other.mapped.year and one.mapped.year else one.name


def _pairs(a: ReportData, b: ReportData, notes: list[str]) -> Pairs | None:
    """The test tiles that both have classified; None without any, with a note."""
    if a.test is None or b.test is None:
        return None
    try:
        found = pair_predictions(a.test.predictions, b.test.predictions)
    except DataError as error:
        notes.append(error.message)
        return None
    if not found.paths:
        notes.append("The two models have no test tile in common, so they cannot be compared tile by tile.")
        return None
    return found


def _blocks(side: ReportData, pairs: Pairs) -> npt.NDArray[np.int64] | None:
    return blocks_of_tiles(side.test.places, pairs.paths) if side.test and side.test.places else None


def _differing(results: Results, a: ReportData, b: ReportData, titles: tuple[str, str], notes: list[str]) -> Differences | None:
    try:
        change = change_of(a, b)
    except DataError as error:
        notes.append(error.message)
        return None
    return differences(results, titles, change, a.mapped, b.mapped) if change else None


def _disputed(results: Results, pairs: Pairs, side: int) -> tuple[Disputed, ...]:
    """Up to EACH tiles of which only this side is right, in turns by class, always the same ones."""
    tiles = zip(pairs.paths, pairs.labels, pairs.a, pairs.b, strict=True)
    piles: dict[str, list[tuple[str, str, str, str]]] = defaultdict(list)
    for path, label, a, b in sorted(tiles, key=lambda tile: hashlib.sha256(tile[0].encode()).digest()):
        if (a == label, b == label) == (side == 0, side == 1):
            piles[label].append((path, label, a, b))
    turns: Sequence[tuple[str, str, str, str] | None] = [
        one for turn in zip_longest(*(piles[k] for k in sorted(piles))) for one in turn
    ]
    made = ((tile, thumbnail(results, layout.TEST, tile[0])) for tile in islice(filter(None, turns), EACH * SPARE))
    return tuple(islice((Disputed(*tile, picture) for tile, picture in made if picture), EACH))
