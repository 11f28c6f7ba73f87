"""The report as plain data: the numbers and sentences of the page, without its pictures."""

import json
from collections.abc import Sequence
from typing import Any

from aerial_ops import __version__
from aerial_ops.analysis.report import sections, words
from aerial_ops.analysis.report.legends import legends_of_counts
from aerial_ops.analysis.report.maps import land_legends
from aerial_ops.analysis.report.sources import ReportData

SCHEMA_VERSION = 1


def facts(data: ReportData) -> dict[str, Any]:
    """JSON-ready. Shares are between 0 and 1, land is in square metres, times are in seconds, prices in USD."""
    legends = land_legends(data.county) if data.county is not None else legends_of_counts(data.mapped.predicted)
    return {
        "schema_version": SCHEMA_VERSION,
        "version": __version__,
        "name": data.name,
        "headline": words.headline(data),
        "summary": words.summary(data),
        "notes": list(data.notes),
        "metrics": data.metrics.model_dump(mode="json") if data.metrics else None,
        "models": [record.model_dump(mode="json") for record in data.models],
        "best": data.best.name if data.best else None,
        "land": {
            legend.view: [
                {
                    "name": line.name,
                    "tiles": line.tiles,
                    "square_metres": line.area,
                    **{layer: share for (layer, _), share in zip(legend.columns, line.shares, strict=True)},
                }
                for line in legend.lines
            ]
            for legend in legends
        },
        "left_out": {"images": sections.left_out(data), "listed": [{"path": r.path, "reason": r.reason} for r in data.rejected]},
        "runs": [record.model_dump(mode="json") for record in data.runs],
        "commands": sections.commands(data),
    }


def to_json(document: dict[str, Any] | Sequence[Any]) -> str:
    """As it is written to a file."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
