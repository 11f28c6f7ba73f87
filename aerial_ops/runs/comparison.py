"""Runs side by side: the parameters in which they differ, how good they are, what they took."""

import json
from collections.abc import Sequence
from typing import Any

from aerial_ops.runs.history import best_of
from aerial_ops.runs.record import RunRecord


def parameters(record: RunRecord) -> dict[str, Any]:
    """Everything about `record` that was chosen, flat, in the order in which people ask for it."""
    found: dict[str, Any] = {}
    if record.backbone:
        found |= {"backbone": record.backbone.name, "backbone sha256": record.backbone.sha256}
    if record.classifier:
        found["classifier"] = record.classifier.kind
        found |= {name: record.classifier.params[name] for name in sorted(record.classifier.params)}
        found["seed"] = record.classifier.seed
    found |= {"sample fraction": record.sample.fraction, "sample seed": record.sample.seed}
    found |= {f"data {container}": record.data[container] for container in sorted(record.data)}
    found |= {"engine": record.engine, "cores": record.cores, "spark": record.spark_version, "python": record.python_version}
    return {**found, "code": record.code.hash or record.code.version}


def differences(records: Sequence[RunRecord]) -> dict[str, list[Any]]:
    """The parameters in which `records` differ, with one value a record (None where a record has no such parameter)."""
    each = [parameters(record) for record in records]
    keys = list(dict.fromkeys(key for one in each for key in one))
    table = {key: [one.get(key) for one in each] for key in keys}
    return {key: values for key, values in table.items() if len({json.dumps(v, default=str) for v in values}) > 1}


def compare(records: Sequence[RunRecord]) -> dict[str, Any]:
    """JSON-ready: `runs` (one entry a record), `differences`, and `best` (the run id of the most accurate, or None)."""
    scored = [record for record in records if record.metrics]
    return {
        "best": best_of(scored).run_id if scored else None,
        "differences": differences(records),
        "runs": [_entry(record) for record in records],
    }


def _entry(record: RunRecord) -> dict[str, Any]:
    metrics = record.metrics
    quality = {
        "tiles": metrics.total if metrics else None,
        "accuracy": metrics.accuracy if metrics else None,
        "accuracy_interval": list(metrics.accuracy_interval) if metrics else None,
        "macro_f1": metrics.macro_f1 if metrics else None,
        "kappa": metrics.kappa if metrics else None,
        "groups_accuracy": metrics.groups.accuracy if metrics else None,
    }
    head = {"run_id": record.run_id, "name": record.name, "kind": record.kind, "state": record.state}
    return {**head, **quality, "seconds": record.seconds, "cost_usd": record.cost_usd}
