"""The report as plain data: the numbers and sentences of the page, without its pictures."""

import json
from dataclasses import asdict
from typing import Any

from aerial_ops import __version__
from aerial_ops.analysis.clusters import Cluster
from aerial_ops.analysis.development import Development
from aerial_ops.analysis.effect import SmoothingEffect
from aerial_ops.analysis.report import comparing_words, sections, words
from aerial_ops.analysis.report.comparison import Comparison
from aerial_ops.analysis.report.differences import Differences
from aerial_ops.analysis.report.findings import Findings
from aerial_ops.analysis.report.legends import legends_of_counts
from aerial_ops.analysis.report.maps import land_legends
from aerial_ops.analysis.report.sources import ReportData

SCHEMA_VERSION = 1


def facts(data: ReportData, found: Findings) -> dict[str, Any]:
    """JSON-ready. Shares are between 0 and 1, land is in square metres, times are in seconds, prices in USD."""
    legends = land_legends(data.county) if data.county is not None else legends_of_counts(data.mapped.predicted)
    return {
        "schema_version": SCHEMA_VERSION,
        "version": __version__,
        "name": data.name,
        "headline": words.headline(data),
        "summary": words.summary(data, found.development),
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
        "areas": asdict(found.areas) if found.areas else None,
        "calibration": asdict(found.calibration) if found.calibration else None,
        "smoothing": _smoothing(found.smoothing) if found.smoothing else None,
        "newly_developed": _development(found.development) if found.development else None,
        "change": change_facts(found.differing) if found.differing else None,
        "left_out": {"images": sections.left_out(data), "listed": [{"path": r.path, "reason": r.reason} for r in data.rejected]},
        "runs": [record.model_dump(mode="json") for record in data.runs],
        "commands": sections.commands(data),
    }


def comparison_facts(found: Comparison) -> dict[str, Any]:
    """JSON-ready, in the same units."""
    return {
        "schema_version": SCHEMA_VERSION,
        "version": __version__,
        "names": [found.a.name, found.b.name],
        "titles": list(found.titles),
        "headline": comparing_words.headline(found),
        "summary": comparing_words.summary(found),
        "notes": list(found.notes),
        "metrics": [side.metrics.model_dump(mode="json") if side.metrics else None for side in (found.a, found.b)],
        "paired": asdict(found.paired) if found.paired else None,
        "change": change_facts(found.differing) if found.differing else None,
    }


def change_facts(differing: Differences) -> dict[str, Any]:
    """What differs between two maps; hectares are [BEFORE, AFTER]."""
    change = differing.change
    error = change.by_error
    return {
        "between": list(differing.titles),
        "classes": list(change.classes),
        "hectares": change.hectares.tolist(),
        "share": change.share,
        "by_error": {"share": error.share, "low": error.low, "high": error.high} if error else None,
        "beyond_error": change.beyond_error,
        "only_before": change.only_before,
        "only_after": change.only_after,
        "places": differing.count,
        "largest": [_cluster(place.cluster) for place in differing.places],
    }


def _smoothing(found: SmoothingEffect) -> dict[str, Any]:
    return {
        "changed": found.changed,
        "agreement_with_older_labels": {"raw": found.raw.accuracy, "smoothed": found.smoothed.accuracy},
        "paired": asdict(found.paired),
    }


def _development(found: Development) -> dict[str, Any]:
    return {
        "tiles": int(found.tiles.sum()),
        "hectares": found.hectares,
        "compared": found.compared,
        "false_alarms": asdict(found.false_alarms) if found.false_alarms else None,
        "places": [_cluster(one) for one in found.clusters],
    }


def _cluster(cluster: Cluster) -> dict[str, Any]:
    return {**asdict(cluster), "tiles": len(cluster.tiles)}


def to_json(document: dict[str, Any]) -> str:
    """As it is written to a file."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
