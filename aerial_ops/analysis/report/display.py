"""What a notebook shows: the report's numbers as small tables, its maps and tiles as pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Any

from jinja2 import Environment
from PIL import Image

from aerial_ops.analysis import text
from aerial_ops.analysis.metrics import group_of
from aerial_ops.analysis.palette import Palette, class_colours, group_colours
from aerial_ops.analysis.report import words
from aerial_ops.analysis.report.examples import Example
from aerial_ops.analysis.report.findings import areas_of, calibration_of, development_of
from aerial_ops.analysis.report.maps import land_legends
from aerial_ops.analysis.report.picture import county_picture
from aerial_ops.analysis.report.results import results_of
from aerial_ops.analysis.report.sources import ReportData, collect

COLUMNS = 100

_ESCAPING = Environment(autoescape=True)
_TABLE = _ESCAPING.from_string(
    "<table><thead><tr>{% for one in table.columns %}<th>{{ one }}</th>{% endfor %}</tr></thead><tbody>"
    "{% for row in table.rows %}<tr>{% for one in row %}<td>{{ one }}</td>{% endfor %}</tr>{% endfor %}</tbody></table>"
)
_GALLERY = _ESCAPING.from_string(
    '{% for one in examples %}<figure style="display:inline-block;margin:4px;width:120px">'
    '<img src="{{ one.picture }}" width="120" alt="{{ one.label }}">'
    "<figcaption>{{ one.label }} → {{ one.predicted }}</figcaption></figure>{% else %}no pictures{% endfor %}"
)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words and numbers; a notebook shows it as a table."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]

    def _repr_html_(self) -> str:
        return _TABLE.render(table=self)

    def __repr__(self) -> str:
        return "\n".join("\t".join(map(str, row)) for row in (self.columns, *self.rows))


@dataclass(frozen=True, slots=True)
class Gallery:
    """Pictures of tiles, with what they are and what they were called."""

    examples: Sequence[Example]

    def _repr_html_(self) -> str:
        return _GALLERY.render(examples=self.examples)

    def __repr__(self) -> str:
        return "\n".join(f"{one.path}: {one.label} -> {one.predicted}" for one in self.examples) or "no pictures"


def open_results(name: str, source: str = "") -> ReportData:
    """The results of model `name`: from a folder of `aerial-ops download`, or from the storage account that the settings name.

    Raises what `collect` raises.
    """
    if source:
        return collect(results_of(Path(source)), name)
    from aerial_ops.clouds import cloud_of
    from aerial_ops.settings import load
    from aerial_ops.storage.blobs import BlobStore

    return collect(results_of(BlobStore.of(cloud_of(load()))), name)


def summary(data: ReportData) -> str:
    """The report's summary, and what to be aware of."""
    told = [words.headline(data), *words.summary(data, development_of(data)), *data.notes]
    return "\n\n".join(fill(paragraph, COLUMNS, break_long_words=False) for paragraph in told)


def quality(data: ReportData) -> Table:
    """Precision, recall and F1 by class, with 95 % intervals; without a test set no rows."""
    rows = [
        (one.name, f"{text.percent(one.precision)} ({text.interval(one.precision_interval)})",
         f"{text.percent(one.recall)} ({text.interval(one.recall_interval)})", text.decimal(one.f1), one.support)
        for one in (data.metrics.per_class if data.metrics else ())
    ]  # fmt: skip
    return Table(("Class", "Precision", "Recall", "F1", "Test tiles"), rows)


def confusion(data: ReportData, groups: bool = False) -> Table:
    """Test tiles by true class (rows) and predicted class (columns), of the classes or of the three groups."""
    if data.metrics is None:
        return Table((), ())
    names = data.metrics.groups.names if groups else data.metrics.classes
    counts = data.metrics.groups.confusion if groups else data.metrics.confusion
    return Table(("True class", *names), [(name, *row) for name, row in zip(names, counts, strict=True)])


def models(data: ReportData) -> Table:
    """The models compared, the most accurate first."""
    known = sorted(((run, run.metrics) for run in data.models if run.metrics), key=lambda pair: -pair[1].accuracy)
    rows = [
        (run.name, words.method(run), text.percent(found.accuracy), text.interval(found.accuracy_interval),
         text.duration(run.seconds), text.money(run.cost_usd))
        for run, found in known
    ]  # fmt: skip
    return Table(("Model", "How", "Accuracy", "95 % interval", "Time", "Price"), rows)


def land(data: ReportData, view: str = "classes") -> Table:
    """Hectares and shares by class or by group (`view` "groups"), as classified and smoothed."""
    legends = land_legends(data.county) if data.county is not None else []
    lines = next((legend.lines for legend in legends if legend.view == view), ())
    rows = [(one.name, one.tiles, f"{(one.area or 0) / 1e4:,.1f}", *map(text.percent, one.shares)) for one in lines]
    return Table(("Land", "Tiles", "Hectares", "Share", "Smoothed"), rows)


def areas(data: ReportData) -> Table:
    """Hectares by class, as mapped and corrected for the model's mistakes, with 95 % intervals."""
    found = areas_of(data)
    rows = (
        [(one.name, *(f"{value:,.1f}" for value in (one.mapped, one.estimate, one.low, one.high))) for one in found.rows]
        if found
        else []
    )
    return Table(("Class", "Mapped, ha", "Corrected, ha", "At least", "At most"), rows)


def reliability(data: ReportData) -> Table:
    """How often the model is right when it says that it is sure."""
    found = calibration_of(data)
    rows = [
        (
            f"{one.low:.0%} to {one.high:.0%}",
            one.tiles,
            text.percent(one.certainty),
            text.percent(one.accuracy),
            text.interval(one.interval),
        )
        for one in (found.bins if found else ())
    ]
    return Table(("Certainty", "Test tiles", "Mean certainty", "Right", "95 % interval"), rows)


def development(data: ReportData) -> Table:
    """Newly developed land, the surest place first; no rows without older labels."""
    found = development_of(data)
    rows = [
        (one.rank, f"{one.hectares:,.1f}", len(one.tiles), text.percent(one.confidence, 0), ", ".join(one.before), one.link)
        for one in (found.clusters if found else ())
    ]
    return Table(("Place", "Hectares", "Tiles", "Certainty", "Was", "On a map"), rows)


def picture(data: ReportData, view: str = "groups", smoothed: bool = False, palette: Palette = "standard") -> Image.Image | None:
    """The map in three groups or in all classes (`view` "classes"); None without one."""
    if data.county is None:
        return None
    colours = class_colours(data.county.classes, palette)
    if view == "groups":
        colours = {name: group_colours(palette)[group_of(name)] for name in data.county.classes}
    return county_picture(data.county, data.county.smoothed if smoothed else data.county.raw, colours)


def mistakes(data: ReportData) -> Gallery:
    """Test tiles that were taken for another class."""
    return Gallery(data.examples.wrong)
