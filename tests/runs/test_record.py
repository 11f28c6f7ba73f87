import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from aerial_ops.errors import DataError
from aerial_ops.runs.record import RunRecord, record_from

SPEC: dict[str, Any] = {
    "schema_version": 1,
    "kind": "train",
    "run_id": "rf1-train-1",
    "name": "rf1",
    "backbone": {"name": "efficientnet-lite0", "file": "efficientnet-lite0.onnx", "sha256": "ab", "side": 224, "length": 1280},
    "classifier": {"kind": "random-forest", "params": {"numTrees": 20, "maxDepth": 5}, "seed": 3},
    "train": {"container": "train", "prefix": ""},
    "test": {"container": "test", "prefix": ""},
    "sample": {"fraction": 0.5, "seed": 1},
    "max_rejected": 0.01,
    "overwrite": False,
}
RESULT: dict[str, Any] = {
    "schema_version": 1,
    "run_id": "rf1-train-1",
    "kind": "train",
    "name": "rf1",
    "status": "succeeded",
    "error": None,
    "counts": {"train": {"listed": 600, "sampled": 600, "used": 598, "rejected": 2}},
    "metrics": {"classes": ["Barren", "Forest"], "confusion": [[50, 0], [1, 49]], "accuracy": 0.99},
    "timings": {"list": 0.4, "featurise": 21.3},
    "started_at": "2026-11-24T05:30:10Z",
    "finished_at": "2026-11-24T05:30:41Z",
    "spark_version": "3.5.9",
    "python_version": "3.11.7",
    "cores": 2,
}
CREATED = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)


def test_a_training_becomes_a_record() -> None:
    record = record_from(
        SPEC, RESULT, created_at=CREATED, data={"train": "h1", "test": None}, code={"version": "0.1.0", "hash": "c"},
        batch={"id": 4, "name": "rf1-train-1"}, cost_usd=1.25,
    )  # fmt: skip
    assert (record.run_id, record.kind, record.state, record.seconds) == ("rf1-train-1", "train", "succeeded", 31.0)
    assert record.backbone and record.backbone.name == "efficientnet-lite0"
    assert record.classifier and record.classifier.params["numTrees"] == 20 and record.classifier.seed == 3
    assert record.sample.fraction == 0.5
    assert record.metrics and record.metrics.accuracy == 0.99
    assert record.model == "trainedmodels/rf1/model"
    assert record.counts["train"]["rejected"] == 2
    assert record.data == {"train": "h1", "test": None}
    assert record.batch and record.batch.id == 4
    assert record.code.version == "0.1.0"


def test_a_scoring_becomes_a_record() -> None:
    spec = {**SPEC, "kind": "score", "backbone": None, "classifier": None, "engine": "synapseml"}
    result = {**RESULT, "kind": "score", "metrics": None, "predicted": {"Forest": 812}}
    record = record_from(spec, result)
    assert (record.kind, record.metrics, record.predicted) == ("score", None, {"Forest": 812})
    assert record.engine == "synapseml"
    assert record.created_at == datetime(2026, 11, 24, 5, 30, 10, tzinfo=UTC)


def test_a_run_without_a_result_is_lost_or_what_the_caller_knows() -> None:
    assert record_from(SPEC, created_at=CREATED).state == "lost"
    killed = record_from(SPEC, created_at=CREATED, state="killed", error="ended by jobs kill", finished_at=CREATED)
    assert (killed.state, killed.seconds) == ("killed", None)
    assert killed.error and killed.error.message == "ended by jobs kill"


def test_a_failure_keeps_its_reason() -> None:
    error = {"type": "TooManyRejected", "message": "5 % could not be read", "suggestion": "look", "details": ["a.png: empty"]}
    record = record_from(SPEC, {**RESULT, "status": "failed", "error": error, "metrics": None}, created_at=CREATED)
    assert record.state == "failed"
    assert record.error and record.error.details == ["a.png: empty"]


def test_documents_that_do_not_fit_are_an_error_with_the_field() -> None:
    with pytest.raises(DataError, match=r"rf1-train-1 .* cores"):
        record_from(SPEC, {**RESULT, "cores": "many"})


def test_what_is_written_reads_back_the_same() -> None:
    record = record_from(SPEC, RESULT, created_at=CREATED)
    assert RunRecord.parse(record.to_json(), "x") == record


def test_times_are_utc_in_the_file_and_naive_times_are_refused() -> None:
    east = datetime(2026, 11, 24, 7, 30, tzinfo=timezone(timedelta(hours=2)))
    record = record_from(SPEC, created_at=east)
    assert '"created_at": "2026-11-24T05:30:00Z"' in record.to_json()
    with pytest.raises(DataError, match="created_at"):
        record_from(SPEC, created_at=datetime(2026, 11, 24, 7, 30))


def test_unknown_fields_are_ignored_and_missing_ones_have_defaults() -> None:
    raw = {"schema_version": 1, "run_id": "r", "kind": "train", "name": "n", "state": "lost", "created_at": CREATED.isoformat()}
    record = RunRecord.parse(json.dumps({**raw, "colour": "blue"}), "x")
    assert record.sample.fraction == 1.0


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("{", "damaged"),
        ("[]", "damaged"),
        ("{}", "damaged"),
        (b"\xff\xfe\x00", "damaged"),
        ('{"schema_version": 1, "kind": "train"}', "damaged: run_id"),
        ('{"schema_version": 2, "run_id": 7}', "newer aerial-ops"),
    ],
)
def test_what_cannot_be_read_says_where_and_why(raw: str | bytes, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        RunRecord.parse(raw, "runs/r/record.json")
    assert "runs/r/record.json" in caught.value.message
