"""Rendering: the data of a report as one HTML file that loads nothing from anywhere."""

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from aerial_ops import __version__
from aerial_ops.analysis import text
from aerial_ops.analysis.report import heat, words
from aerial_ops.analysis.report.maps import MapBlock
from aerial_ops.runs.tables import value

TEMPLATES = "templates"
SCRIPT = ("tiles", "camera", "pane", "input", "map")
UNIT = re.compile(r"(?<=\d) (?=(?:%|km²|min|s|h|m)(?!\w))")

_AMOUNTS: dict[str, Callable[..., str]] = {
    "percent": text.percent,
    "interval": text.interval,
    "duration": text.duration,
    "money": text.money,
    "peaks": text.peaks,
    "area": words.square_kilometres,
    "hectares": words.hectares,
}


def page(headline: str, parts: Sequence[tuple[str, str]], maps: Sequence[MapBlock], **shown: Any) -> str:
    """A page of `parts` (id and title; each is a template in sections/), which use what is `shown`."""
    script = _script()
    return _environment().get_template("page.html").render(
        version=__version__,
        headline=together(headline),
        sections=[(part, title, f"sections/{part}.html") for part, title in parts],
        maps=maps,
        style=Markup(_asset("page.css") + _heat_rules()),  # noqa: S704 - our own files
        script=Markup(script),  # noqa: S704 - our own files
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        **shown,
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


@cache
def _script() -> str:
    """The map's script: its files in one scope, one after the other."""
    files = "\n".join(_asset(f"map/{name}.js") for name in SCRIPT)
    return f'"use strict";\n(() => {{\n{files}}})();'


@cache
def _asset(name: str) -> str:
    return resources.files("aerial_ops.analysis.report").joinpath(TEMPLATES, name).read_text("utf-8")


def _heat_rules() -> str:
    light, dark = heat.stylesheet("light"), heat.stylesheet("dark")
    return f"\n{light}\n@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}\n"
