"""A report in each of its formats."""

from pathlib import Path
from typing import Literal, get_args

from aerial_ops.analysis.report.browser import print_pdf
from aerial_ops.analysis.report.facts import facts, to_json
from aerial_ops.analysis.report.page import render
from aerial_ops.analysis.report.sources import ReportData

Format = Literal["html", "pdf", "ipynb", "json"]
FORMATS: tuple[Format, ...] = get_args(Format)


def format_of(form: Format | None, out: Path | None) -> Format:
    """The format asked for, or the one that the file's ending names, or a page."""
    named = out.suffix.lower().removeprefix(".") if out else ""
    return form or next((one for one in FORMATS if one == named), FORMATS[0])


def rendered(data: ReportData, form: Format) -> bytes:
    """The file's content. Raises ToolError when a format needs a program that is not on this machine."""
    if form == "json":
        return to_json(facts(data)).encode()
    html = render(data)
    return print_pdf(html) if form == "pdf" else html.encode()
