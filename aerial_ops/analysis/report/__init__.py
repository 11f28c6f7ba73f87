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
from aerial_ops.analysis.report.sources import collect, with_older_labels
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.storage.blobs import BlobStore

__all__ = ["Form", "Order", "form_of", "order_of", "write", "write_report"]


def write(source: BlobStore | Path, order: Order, reporter: Reporter = SILENT) -> dict[str, Any]:
    """Write what is ordered and tell, JSON-ready, what it says. The cluster is not needed.

    `source` is the storage account or a folder of `aerial-ops download`. A notebook reads such a folder, so that it can be
    run again: from an account, one is made beside it. Raises UsageError when a model has neither been trained nor scored or
    there is nothing to compare, DataError for unreadable tables, StorageError, ToolError when a format needs a program that
    is not here, and AerialOpsError when the file cannot be written; then nothing is left there, or what was there before.
    """
    return _comparison(source, order, reporter) if len(order.names) > 1 else _report(source, order, reporter)


def write_report(source: BlobStore | Path, name: str, out: Path, reporter: Reporter = SILENT) -> dict[str, Any]:
    """Write the page on model `name` to `out`; see `write`."""
    return write(source, Order((name,), out, "html"), reporter)


def _report(source: BlobStore | Path, order: Order, reporter: Reporter) -> dict[str, Any]:
    name, results = order.names[0], results_of(source, reporter)
    data = collect(results, name, reporter)
    if order.older:
        data = with_older_labels(data, order.older, order.classes)
    notes = list(data.notes)
    if order.form == "ipynb":
        content, more = as_notebook(source, name, order.out, reporter)
        notes += more
    else:
        found = find(results, data)
        content = rendered(lambda: render(data, found), lambda: facts(data, found), order.form)
    write_whole(order.out, content)
    metrics, county = data.metrics, data.county
    return {
        "path": str(order.out),
        "format": order.form,
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


def _comparison(source: BlobStore | Path, order: Order, reporter: Reporter) -> dict[str, Any]:
    a, b = order.names
    found = compare(results_of(source, reporter), a, b, reporter)
    document = comparison_facts(found)
    content = rendered(lambda: render_comparison(found), lambda: document, order.form)
    write_whole(order.out, content)
    return {"path": str(order.out), "format": order.form, "bytes": len(content), **document}
