"""The report on a model, from what is in storage or was downloaded: a page, a PDF, a notebook or plain data."""

from pathlib import Path
from typing import Any

from aerial_ops.analysis.report.file import write_whole
from aerial_ops.analysis.report.formats import Form, form_of, rendered
from aerial_ops.analysis.report.notebook import as_notebook
from aerial_ops.analysis.report.results import results_of
from aerial_ops.analysis.report.sources import ReportData, collect
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.storage.blobs import BlobStore

__all__ = ["Form", "ReportData", "collect", "form_of", "results_of", "write_report"]


def write_report(
    source: BlobStore | Path, name: str, out: Path, reporter: Reporter = SILENT, form: Form = "html"
) -> dict[str, Any]:
    """Write the report on model `name` to `out` and tell, JSON-ready, what it says. The cluster is not needed.

    `source` is the storage account or a folder of `aerial-ops download`. A notebook (`form` "ipynb") reads such a folder, so
    that it can be run again: from an account, one is made beside it. Raises UsageError when the model has neither been
    trained nor scored, DataError for unreadable tables, StorageError, ToolError when a format needs a program that is not
    here, and AerialOpsError when the file cannot be written; then nothing is left at `out`, or what was there before.
    """
    data = collect(results_of(source, reporter), name, reporter)
    notes = list(data.notes)
    if form == "ipynb":
        content, more = as_notebook(source, name, out, reporter)
        notes += more
    else:
        content = rendered(data, form)
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
