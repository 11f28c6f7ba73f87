"""One order from its spec.json to its result.json."""

from __future__ import annotations

import json
import logging
import platform
import tempfile
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath
from typing import Any

from spark_jobs.access import grant
from spark_jobs.calibrate import calibrate
from spark_jobs.context import Job
from spark_jobs.failures import explain
from spark_jobs.places import Place, locate
from spark_jobs.progress import RETRY_SECONDS, Progress
from spark_jobs.score import score
from spark_jobs.spec import SCHEMA_VERSION, parse_spec
from spark_jobs.stores import open_store
from spark_jobs.tally import memory
from spark_jobs.train import train

WORK = {"train": train, "score": score, "calibrate": calibrate}
RUNS = "runs"

log = logging.getLogger(__name__)


def run(url: str, spark: Any | None = None) -> dict[str, Any]:
    """Run the order at `url` and leave result.json beside it, whatever happens; the result is returned too.

    Without `spark` the session is made here. Raises JobError only when the order's place itself cannot be understood or reached.
    """
    place, container, path = locate(url)
    folder = PurePosixPath(path).parent
    session = spark or _session(folder.name)
    started = _now()
    access = grant(session, place, {container: "rwc"})
    store = open_store(access)
    result: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        **{"run_id": folder.name, "kind": None, "name": None, "status": "failed", "error": None},
        **{"counts": {}, "features": None, "memory": None, "metrics": None, "timings": {}},
    }
    progress = Progress(open_store(access, RETRY_SECONDS), str(folder / "progress.json"))
    try:
        with progress:
            _work(result, store.get(container, path), session, place, progress)
        result["status"] = "succeeded"
    except (Exception, KeyboardInterrupt) as error:
        log.exception("The job failed.")
        result["error"] = explain(error)
    result["timings"] = progress.timings
    result.update(
        started_at=started,
        finished_at=_now(),
        spark_version=session.version,
        python_version=platform.python_version(),
        cores=session.sparkContext.defaultParallelism,
    )
    store.put(container, str(folder / "result.json"), (json.dumps(result, indent=2) + "\n").encode(), "application/json")
    return result


def _work(result: dict[str, Any], order: bytes, spark: Any, place: Place, progress: Progress) -> None:
    spec = parse_spec(order)
    result.update(run_id=spec.run_id, kind=spec.kind, name=spec.name)
    # The temporary folder holds the network's file, which executors fetch while they work.
    with tempfile.TemporaryDirectory(prefix="aerial-ops-job-") as folder:
        job = Job.open(spark, place, spec, progress, Path(folder))
        try:
            result.update(WORK[spec.kind](job))
        finally:
            result.update(counts=job.counts, features=job.about_features(), memory=memory(job.tally))
            job.close()


def _session(name: str) -> Any:
    from pyspark.sql import SparkSession

    return SparkSession.builder.appName(name).getOrCreate()


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
