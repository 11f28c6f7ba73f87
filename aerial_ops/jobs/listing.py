"""What runs on the cluster, seen from storage and from Livy together."""

from dataclasses import asdict, dataclass
from typing import Any

from aerial_ops.errors import UsageError
from aerial_ops.jobs.files import RECORD, RESULT, RunFiles
from aerial_ops.jobs.livy import LivyClient


@dataclass(frozen=True)
class JobLine:
    """One job: `state` is Livy's word, or what the files tell when Livy has forgotten the batch."""

    run_id: str
    state: str
    stage: str
    done: int | None
    total: int | None
    batch: int | None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def list_jobs(files: RunFiles, livy: LivyClient) -> list[JobLine]:
    """Runs without a record and batches that the server still knows, oldest first."""
    batches = {batch.name: batch for batch in livy.batches() if batch.name}
    lines = []
    for run_id, there in files.all().items():
        batch = batches.get(run_id)
        if RECORD in there and batch is None:
            continue
        progress = files.progress(run_id) or {} if RESULT not in there else {}
        state = batch.state if batch else "ended" if RESULT in there else "unknown to the cluster"
        lines.append(
            JobLine(
                run_id, state, progress.get("stage", ""), progress.get("done"), progress.get("total"), batch.id if batch else None
            )
        )
    return lines


def job_log(files: RunFiles, livy: LivyClient, run_id: str) -> list[str]:
    """The whole log of a run's batch. Raises UsageError when the server has forgotten it."""
    files.spec(run_id)
    batch = livy.find(run_id)
    if batch is None:
        raise UsageError(
            f"The cluster no longer has the log of {run_id}: Livy forgets a batch ten minutes after its end.",
            suggestion=f"What is known of it: aerial-ops runs show {run_id}",
        )
    lines: list[str] = []
    while page := livy.log(batch.id, start=len(lines)):
        lines += page
    return lines
