"""A report in one of its formats."""

from collections.abc import Callable
from typing import Any

from aerial_ops.analysis.report.browser import print_pdf
from aerial_ops.analysis.report.facts import to_json
from aerial_ops.analysis.report.order import Form


def rendered(page: Callable[[], str], document: Callable[[], dict[str, Any]], form: Form) -> bytes:
    """The content of a `page`, of a PDF of it, or of a `document` of plain data. Raises ToolError without a browser for a PDF."""
    if form == "json":
        return to_json(document()).encode()
    return print_pdf(page()) if form == "pdf" else page().encode()
