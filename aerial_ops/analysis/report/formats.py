"""A report in each of its formats."""

from pathlib import Path
from typing import Literal, get_args

from aerial_ops.analysis.report.browser import print_pdf
from aerial_ops.analysis.report.facts import facts, to_json
from aerial_ops.analysis.report.page import render
from aerial_ops.analysis.report.sources import ReportData

Form = Literal["html", "pdf", "ipynb", "json"]
FORMS: tuple[Form, ...] = get_args(Form)


def form_of(form: Form | None, out: Path | None) -> Form:
    """The format asked for, or the one that the file's ending names, or a page."""
    if form:
        return form
    named = out.suffix.lower().removeprefix(".") if out else ""
    return next((one for one in FORMS if one == named), "html")


def rendered(data: ReportData, form: Form) -> bytes:
    """The content of a page, a PDF or plain data. Raises ToolError when a program for it is not on this machine."""
    if form == "json":
        return to_json(facts(data)).encode()
    html = render(data)
    return print_pdf(html) if form == "pdf" else html.encode()
