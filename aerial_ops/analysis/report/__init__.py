"""The report: one self-contained HTML file about a model, from what is in storage."""

from pathlib import Path
from typing import Any

from aerial_ops.analysis.report.file import write_whole
from aerial_ops.analysis.report.page import render
from aerial_ops.analysis.report.sources import collect
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.storage.blobs import BlobStore


def write_report(store: BlobStore, name: str, out: Path, reporter: Reporter = SILENT) -> dict[str, Any]:
    """Write the report on model `name` to `out` and tell, JSON-ready, what it says. The cluster is not needed.

    Raises UsageError when the model has neither been trained nor scored, DataError for unreadable tables, StorageError, and
    AerialOpsError when the file cannot be written; then nothing is left at `out`, or what was there before.
    """
    data = collect(store, name, reporter)
    html = render(data)
    write_whole(out, html)
    metrics, county = data.metrics, data.county
    return {
        "path": str(out),
        "bytes": len(html.encode()),
        "name": name,
        "train_run": data.train.run_id if data.train else None,
        "score_run": data.score.run_id if data.score else None,
        "accuracy": metrics.accuracy if metrics else None,
        "groups_accuracy": metrics.groups.accuracy if metrics else None,
        "best": data.best.name if data.best else None,
        "models": len(data.models),
        "tiles_on_map": len(county) if county else 0,
        "square_kilometres": round(float(county.area.sum()) / 1e6, 6) if county else None,
        "notes": list(data.notes),
    }
