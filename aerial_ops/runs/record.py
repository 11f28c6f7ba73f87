"""The run record: what one train or score run was, what it found, what it took. It is `runs/RUN_ID/record.json`."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from aerial_ops.analysis.metrics import Metrics
from aerial_ops.errors import DataError
from aerial_ops.storage import layout

SCHEMA_VERSION = 1

Kind = Literal["train", "score", "calibrate"]
State = Literal["succeeded", "failed", "killed", "lost"]
Utc = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Backbone(_Part):
    """The network that made the features."""

    name: str
    sha256: str


class Classifier(_Part):
    """What was trained on the features; `params` are Spark ML's own names."""

    kind: str
    params: dict[str, Any] = Field(default_factory=dict)
    seed: int = 0


class Sample(_Part):
    """The share of the tiles that was used, chosen by a hash of seed and path."""

    fraction: float = 1.0
    seed: int = 0


class Code(_Part):
    """The version of aerial-ops and the hash of the job code it sent."""

    version: str = ""
    hash: str = ""


class Features(_Part):
    """Where the tiles' features came from; `cache` is the folder they are kept in (None: nowhere)."""

    cache: str | None = None
    from_cache: int = 0
    computed: int = 0
    damaged_parts: int = 0
    unwritten_parts: int = 0


class Failure(_Part):
    """Why a run did not succeed."""

    type: str = ""
    message: str = ""
    suggestion: str = ""
    details: list[str] = Field(default_factory=list)


class Batch(_Part):
    """The Livy batch that ran it."""

    id: int | None = None
    name: str = ""


class RunRecord(_Part):
    """One run. Unknown fields are ignored on reading, so that a newer minor writer does not stop an older reader.

    `data` maps a container to the data hash of its manifest (None when it had none). `seconds` is wall time from the job's
    start to its end; `timings` are its stages. `counts` maps an image set to its tiles listed, sampled, used and rejected.
    `memory` holds peaks in bytes: `worker_peak_bytes` of the largest worker process, `driver_peak_bytes`.
    `predicted` counts a scored county's tiles by class.
    """

    schema_version: Literal[1] = 1
    run_id: str
    kind: Kind
    name: str
    state: State
    created_at: Utc
    started_at: Utc | None = None
    finished_at: Utc | None = None
    backbone: Backbone | None = None
    classifier: Classifier | None = None
    sample: Sample = Sample()
    data: dict[str, str | None] = Field(default_factory=dict)
    model: str = ""
    counts: dict[str, dict[str, int]] = Field(default_factory=dict)
    features: Features | None = None
    memory: dict[str, int] = Field(default_factory=dict)
    metrics: Metrics | None = None
    predicted: dict[str, int] = Field(default_factory=dict)
    timings: dict[str, float] = Field(default_factory=dict)
    seconds: float | None = None
    cost_usd: float | None = None
    engine: str = ""
    code: Code = Code()
    spark_version: str = ""
    python_version: str = ""
    cores: int | None = None
    error: Failure | None = None
    batch: Batch | None = None

    @classmethod
    def parse(cls, raw: bytes | str, where: str) -> Self:
        """The record in `raw`, which was read from `where`. Raises DataError: damaged, or from a newer aerial-ops."""
        try:
            document = json.loads(raw)
            version = document["schema_version"]
        except (ValueError, TypeError, KeyError) as error:
            raise DataError(f"The run record {where} is damaged: it is not a JSON object with a schema_version.") from error
        if isinstance(version, int) and version > SCHEMA_VERSION:
            raise DataError(
                f"The run record {where} was written by a newer aerial-ops "
                f"(schema {version}; this one reads up to {SCHEMA_VERSION}).",
                suggestion="Update aerial-ops and run the command again.",
            )
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            raise DataError(f"The run record {where} is damaged: {key or 'its content'}: {first['msg']}.") from error

    def to_json(self) -> str:
        """The record as it is kept, keys in the order of this class."""
        return self.model_dump_json(indent=2) + "\n"


def record_from(
    spec: Mapping[str, Any],
    result: Mapping[str, Any] | None = None,
    *,
    created_at: datetime | None = None,
    state: State | None = None,
    finished_at: datetime | None = None,
    data: Mapping[str, str | None] | None = None,
    cost_usd: float | None = None,
    code: Mapping[str, str] | None = None,
    batch: Mapping[str, Any] | None = None,
    error: Mapping[str, Any] | str | None = None,
) -> RunRecord:
    """The record of a run from its order (spec.json) and its result (result.json, None when it left none).

    `state` overrides what the result says ("killed", "lost"); without a result it is "lost". `created_at` defaults to the
    start of the job, or to now when that is unknown; `finished_at` is used when the result does not say. `error` overrides
    the result's. Both documents are as in docs/architecture.md. Raises DataError when they do not fit it.
    """
    found = dict(result or {})
    model = f"{layout.TRAINED}/{layout.model_folder(str(spec.get('name', '')))}"
    started, finished = found.get("started_at"), found.get("finished_at") or finished_at
    fields: dict[str, Any] = {
        **{key: spec.get(key) for key in ("run_id", "kind", "name", "backbone", "classifier")},
        **{key: found[key] for key in _FROM_RESULT if found.get(key) is not None},
        "sample": spec.get("sample") or {},
        "state": state or found.get("status") or "lost",
        "created_at": created_at or started or datetime.now(UTC),
        "started_at": started,
        "finished_at": finished,
        "data": dict(data or {}),
        "model": spec.get("model") or model,
        "cost_usd": cost_usd,
        "engine": spec.get("engine") or "",
        "code": dict(code or {}),
        "batch": dict(batch) if batch else None,
        "error": {"message": error} if isinstance(error, str) else error or found.get("error"),
    }
    try:
        record = RunRecord.model_validate(fields)
    except ValidationError as problem:
        first = problem.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DataError(f"The run {spec.get('run_id')} left documents that do not fit: {where}: {first['msg']}.") from problem
    if record.started_at and record.finished_at:
        record = record.model_copy(update={"seconds": (record.finished_at - record.started_at).total_seconds()})
    return record


_FROM_RESULT = ("counts", "features", "memory", "metrics", "predicted", "timings", "spark_version", "python_version", "cores")
