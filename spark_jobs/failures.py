"""Any exception as the error part of result.json."""

from __future__ import annotations

import errno
import re
from typing import Any

from spark_jobs import errors

# How Python writes an exception of ours in the traceback that Spark passes on from a worker.
FROM_WORKER = re.compile(r"spark_jobs\.errors\.(\w+Error): (.+)")
SEE_LOG = "The job's log holds the whole story: aerial-ops jobs logs"


def explain(error: BaseException) -> dict[str, Any]:
    """Type, message, suggestion and details; an error of ours is found again inside Spark's wrapping of it."""
    if isinstance(error, errors.JobError):
        return error.as_dict()
    text = str(error).strip()
    if "No space left on device" in text or getattr(error, "errno", None) == errno.ENOSPC:
        return _parts("DiskFullError", "A disk of the cluster is full.", "Free space, or run on a sample with --sample-frac.")
    found = FROM_WORKER.search(text)
    if found and hasattr(errors, found.group(1)):
        return _parts(found.group(1), found.group(2).strip(), SEE_LOG)
    first = text.splitlines()[0][:500] if text else "no message"
    return _parts(type(error).__name__, f"The job broke unexpectedly: {first}", SEE_LOG)


def _parts(kind: str, message: str, suggestion: str) -> dict[str, Any]:
    return {"type": kind, "message": message, "suggestion": suggestion, "details": []}
