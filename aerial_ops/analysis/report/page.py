"""Rendering: the data of a report as one HTML file that loads nothing from anywhere."""

import base64
import hashlib
import re
from collections.abc import Callable
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from aerial_ops import __version__
from aerial_ops.analysis import text
from aerial_ops.analysis.report import heat, sections, words
from aerial_ops.analysis.report.county_map import drawable, map_data
from aerial_ops.analysis.report.sources import ReportData
from aerial_ops.runs.tables import value

TEMPLATES = "templates"
UNIT = re.compile(r"(?<=\d) (?=(?:%|km²|min|s|h|m)(?!\w))")

_AMOUNTS: dict[str, Callable[..., str]] = {
    "percent": text.percent,
    "interval": text.interval,
    "duration": text.duration,
    "money": text.money,
    "area": words.square_kilometres,
}


def render(data: ReportData) -> str:
    """The page; the same data gives the same text. Everything from outside is escaped, and a policy forbids all loading."""
    script = _asset("map.js")
    with_map = data.county is not None and drawable(data.county)
    return _environment().get_template("page.html").render(
        data=data,
        version=__version__,
        as_of=max((run.finished_at for run in (data.train, data.score) if run and run.finished_at), default=None),
        headline=together(words.headline(data)),
        paragraphs=[together(paragraph) for paragraph in words.summary(data)],
        undeveloped=words.undeveloped(data.metrics) if data.metrics else "",
        taken_for=words.mistaken_for(data.metrics) if data.metrics else {},
        style=Markup(_asset("page.css") + _heat_rules()),  # noqa: S704 - our own files
        script=Markup(script),  # noqa: S704 - our own file
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        map=map_data(data.county, data.certainty) if data.county is not None and with_map else None,
        land=sections.land(data),
        ranking=sections.ranking(data),
        differing=sections.differing(data),
        matrix=sections.matrix(data.metrics.classes, data.metrics.confusion) if data.metrics else None,
        grouped=sections.matrix(data.metrics.groups.names, data.metrics.groups.confusion) if data.metrics else None,
        colours=sections.swatches(data),
        provenance=sections.provenance(data),
        left_out=sections.left_out(data),
        commands=sections.commands(data),
    )  # fmt: skip


def together(words: str) -> str:
    """`words` with spaces that do not break between a number and its unit."""
    return UNIT.sub("\N{NO-BREAK SPACE}", words)


def _unbroken(shown: Callable[..., str]) -> Callable[..., str]:
    return lambda *given: together(shown(*given))


def _label(key: str) -> str:
    """A capital at the start, except for names such as numTrees."""
    return key[:1].upper() + key[1:] if key.islower() or " " in key else key


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("aerial_ops.analysis.report", TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        {name: _unbroken(shown) for name, shown in _AMOUNTS.items()}, count=text.count, moment=text.moment,
        decimal=text.decimal, counted=text.counted, parameter=value, label=_label, method=words.method,
    )  # fmt: skip
    return environment


def _asset(name: str) -> str:
    return resources.files("aerial_ops.analysis.report").joinpath(TEMPLATES, name).read_text("utf-8")


def _heat_rules() -> str:
    light, dark = heat.stylesheet("light"), heat.stylesheet("dark")
    return f"\n{light}\n@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}\n"
