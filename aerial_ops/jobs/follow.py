"""Watch a batch until it has ended, and say how."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aerial_ops.errors import ClusterError, JobFailedError
from aerial_ops.jobs.files import RunFiles
from aerial_ops.jobs.livy import Batch, LivyClient
from aerial_ops.jobs.log import what_matters
from aerial_ops.reporting import Reporter, Task

POLL_SECONDS = 1.0
STAGES = {
    "start": "starting Spark",
    "list": "listing the tiles",
    "featurise": "computing features",
    "fit": "fitting the classifier",
    "evaluate": "scoring the test set",
    "predict": "classifying the tiles",
    "write": "writing the results",
}


@dataclass(frozen=True)
class Ending:
    """How a batch ended: the job's own result, and the batch as the server last knew it."""

    result: dict[str, Any]
    batch: Batch | None


class Follower:
    """Follows batches on one cluster. The job's own result marker decides; Livy's word is only the second witness."""

    def __init__(self, livy: LivyClient, files: RunFiles, report: Reporter, pause: Callable[[float], None] = time.sleep) -> None:
        self._livy, self._files, self._report, self._pause = livy, files, report, pause

    def follow(self, run_id: str, batch: Batch) -> Ending:
        """Wait for the end. Raises JobFailedError when the batch ended without a result."""
        known: Batch | None = batch
        with self._report.task(f"{run_id}: {batch.state}", unit="tiles") as task:
            while True:
                known = self._livy.get(batch.id)
                if known is not None and known.name not in (None, run_id):
                    known = None  # the server was replaced: this number is another run's batch
                result = self._files.result(run_id)
                if result is not None:
                    return Ending(result, known)
                if known is None:
                    raise self._lost(run_id, batch)
                if known.ended:
                    raise self._failed(run_id, known)
                self._tell(task, run_id, known)
                self._pause(POLL_SECONDS)

    def _tell(self, task: Task, run_id: str, batch: Batch) -> None:
        progress = self._files.progress(run_id)
        if progress is None:
            task.update(label=f"{run_id}: {batch.state}")
            return
        stage = STAGES.get(progress["stage"], progress["stage"])
        task.update(label=f"{run_id}: {stage}", total=progress.get("total") or None, done=progress.get("done"))

    def _failed(self, run_id: str, batch: Batch) -> JobFailedError:
        if batch.state == "killed":
            return JobFailedError(f"The job {run_id} was killed.", left="Nothing was written under the model's name.")
        lines = what_matters(self._livy.log(batch.id, start=-1, size=2000))
        log = "\n".join(f"  {line}" for line in lines)
        return JobFailedError(
            f"The job {run_id} ended in state {batch.state} without a result. The log's last words:\n{log}",
            left="Nothing was written under the model's name.",
            suggestion=f"The whole log: aerial-ops jobs logs {run_id}",
            data={"run_id": run_id, "batch": batch.id, "state": batch.state, "log": lines},
        )

    def _lost(self, run_id: str, batch: Batch) -> ClusterError:
        return ClusterError(
            f"The cluster no longer knows the batch {batch.id} of {run_id}, and the job left no result.",
            left="Nothing was written under the model's name.",
            suggestion="Run the same command again: it starts a new job.",
            data={"run_id": run_id, "batch": batch.id},
        )
