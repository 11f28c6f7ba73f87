"""The report on a model, or on two: from what is in storage or was downloaded, a page, a PDF, a notebook or plain data."""

from pathlib import Path
from typing import Any

from aerial_ops.analysis.report.comparison import compare
from aerial_ops.analysis.report.comparison_page import render_comparison
from aerial_ops.analysis.report.facts import comparison_facts, facts
from aerial_ops.analysis.report.file import write_whole
from aerial_ops.analysis.report.findings import find
from aerial_ops.analysis.report.formats import rendered
from aerial_ops.analysis.report.model_page import render
from aerial_ops.analysis.report.notebook import as_notebook
from aerial_ops.analysis.report.order import Form, Order, form_of, order_of
from aerial_ops.analysis.report.results import results_of
from aerial_ops.analysis.report.sources import collect
from aerial_ops.errors import UsageError
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.storage.blobs import BlobStore

__all__ = ["Form", "Order", "form_of", "order_of", "write", "write_comparison", "write_report"]


def write(source: BlobStore | Path, order: Order, reporter: Reporter = SILENT) -> dict[str, Any]:
    """Write what is ordered; see `write_report` and `write_comparison`."""
    if len(order.names) == 1:
        return write_report(source, order.names[0], order.out, reporter, order.form)
    a, b = order.names
    return write_comparison(source, a, b, order.out, reporter, order.form)


def write_report(
    source: BlobStore | Path, name: str, out: Path, reporter: Reporter = SILENT, form: Form = "html"
) -> dict[str, Any]:
    """Write the report on model `name` to `out` and tell, JSON-ready, what it says. The cluster is not needed.

    `source` is the storage account or a folder of `aerial-ops download`. A notebook (`form` "ipynb") reads such a folder, so
    that it can be run again: from an account, one is made beside it. Raises UsageError when the model has neither been
    trained nor scored, DataError for unreadable tables, StorageError, ToolError when a format needs a program that is not
    here, and AerialOpsError when the file cannot be written; then nothing is left at `out`, or what was there before.
    """
    results = results_of(source, reporter)
    data = collect(results, name, reporter)
    notes = list(data.notes)
    if form == "ipynb":
        content, more = as_notebook(source, name, out, reporter)
        notes += more
    else:
        found = find(results, data)
        content = rendered(lambda: render(data, found), lambda: facts(data, found), form)
    write_whole(out, content)
    metrics, county = data.metrics, data.county
    return {
        "path": str(out),
        "format": form,
        "bytes": len(content),
        "name": name,
        "train_run": data.train.run_id if data.train else None,
        "score_run": data.score.run_id if data.score else None,
        "accuracy": metrics.accuracy if metrics else None,
        "groups_accuracy": metrics.groups.accuracy if metrics else None,
        "best": data.best.name if data.best else None,
        "models": len(data.models),
        "tiles_on_map": len(county) if county else 0,
        "square_kilometres": round(float(county.area.sum()) / 1e6, 6) if county else None,
        "notes": notes,
    }


def write_comparison(
    source: BlobStore | Path, a: str, b: str, out: Path, reporter: Reporter = SILENT, form: Form = "html"
) -> dict[str, Any]:
    """Write to `out` how `a` and `b` compare, each a model's name or NAME@YEAR, and tell it, JSON-ready.

    Raises UsageError for a notebook and where there is nothing to compare; else like `write_report`.
    """
    if form == "ipynb":
        raise UsageError("A comparison is not written as a notebook.", suggestion="Use --format html, pdf or json.")
    found = compare(results_of(source, reporter), a, b, reporter)
    document = comparison_facts(found)
    content = rendered(lambda: render_comparison(found), lambda: document, form)
    write_whole(out, content)
    return {"path": str(out), "format": form, "bytes": len(content), **document}
