"""Run a job to its end: order, submit, follow, collect. Run again, it goes on where it was."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aerial_ops import __version__
from aerial_ops.clouds.base import Cloud
from aerial_ops.errors import ClusterError, DetachedError, JobFailedError, RefusedError
from aerial_ops.jobs.files import RECORD, SPEC, RunFiles
from aerial_ops.jobs.follow import Ending, Follower
from aerial_ops.jobs.listing import JobLine, job_log, list_jobs
from aerial_ops.jobs.livy import Batch, BatchRequest, LivyClient
from aerial_ops.jobs.package import job_package
from aerial_ops.jobs.spark_settings import Node, Setting, spark_settings
from aerial_ops.jobs.spec import JobOrder
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.runs.history import History
from aerial_ops.runs.record import RunRecord, record_from
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.layout import CONTAINERS, TRAINED, model_info


@dataclass(frozen=True)
class Jobs:
    """Jobs of one storage account on one cluster, of which `batches` share its nodes; `synapseml` is Cloud.synapseml_settings."""

    store: BlobStore
    livy: LivyClient
    report: Reporter = SILENT
    batches: int = 1
    synapseml: Callable[..., Mapping[str, str]] = field(kw_only=True)
    pause: Callable[[float], None] = time.sleep
    files: RunFiles = field(init=False)
    history: History = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", RunFiles(self.store))
        object.__setattr__(self, "history", History(self.store))

    @classmethod
    def of(cls, cloud: Cloud, store: BlobStore, report: Reporter = SILENT) -> "Jobs":
        """The jobs of `cloud`."""
        return cls(store, LivyClient.of(cloud), report, synapseml=cloud.synapseml_settings)

    def run(self, order: JobOrder) -> RunRecord:
        """Do `order` and give its record. The same order again resumes an open run, or finds that there is nothing to do.

        Raises RefusedError when the model's name is taken, JobFailedError when the job fails, DetachedError on Ctrl-C.
        """
        if not order.overwrite and (record := self._done_already(order)):
            self.report.note(f"Nothing to do: {record.run_id} did exactly this. (--overwrite does it again.)")
            return record
        if (chosen := self.taken_up(order)) is order:
            self._refuse_taken_name(order)
        return self.carry_out(chosen)

    def taken_up(self, order: JobOrder) -> JobOrder:
        """An order of the same work on the same data that has no record yet, to go on with; else `order` itself."""
        waiting = [spec for spec in self.files.open(order.name, order.kind) if spec.digest() == order.digest()]
        if not waiting:
            return order
        self.report.note(f"{waiting[-1].run_id} was ordered before and has no record yet: going on with it.")
        return waiting[-1]

    def carry_out(self, order: JobOrder) -> RunRecord:
        """Submit, unless the job has ended already, and follow to the end."""
        if self.files.result(order.run_id) is None:
            self.submit(order)
        return self.follow(order.run_id)

    def submit(self, order: JobOrder) -> Batch:
        """Upload code and order, and start the batch unless it runs."""
        more = self.synapseml(python=order.engine != "synapseml") if order.needs_synapseml else {}
        self.store.ensure_containers(CONTAINERS)
        package = job_package()
        package.upload(self.store)
        main, library = package.urls(self.store)
        url = self.files.order(order)
        conf = {**self._conf(), **more}
        return self.livy.submit(BatchRequest(name=order.run_id, file=main, py_files=[library], args=[url], conf=conf))

    def settings(self) -> list[Setting]:
        """What Spark is told for a job on these nodes, and why; nothing where the nodes are not known."""
        workers, node = self.livy.endpoint.workers, self._node
        return spark_settings(node, workers, self.batches) if node and workers else []

    def follow(self, run_id: str) -> RunRecord:
        """Follow a submitted run to its end and write its record; the record itself when there is one."""
        order = self.files.spec(run_id)
        if self.files.has(run_id, RECORD):
            return self.history.get(run_id)
        try:
            ending = self._ending(run_id)
        except KeyboardInterrupt:
            raise DetachedError(
                f"Stopped following {run_id}.",
                left="The job goes on in the cluster.",
                suggestion=f"Follow it: aerial-ops jobs follow {run_id}\nEnd it:    aerial-ops jobs kill {run_id}",
                data={"run_id": run_id},
            ) from None
        except JobFailedError as error:
            self.history.save(_record(order, state="failed", error=error.message))
            raise
        record = self._priced(_record(order, ending.batch, ending.result))
        self.history.save(record)
        if record.state != "succeeded":
            raise _failure(run_id, ending.result)
        return record

    def kill(self, run_id: str) -> bool:
        """End a run's batch and record that; False when it had ended before."""
        order = self.files.spec(run_id)
        batch = self.livy.find(run_id)
        if batch is None or batch.ended or self.files.result(run_id):
            return False
        self.livy.kill(batch.id)
        self.history.save(_record(order, batch, state="killed"))
        return True

    def list(self) -> Sequence[JobLine]:
        """Runs without a record and jobs that the cluster still knows."""
        return list_jobs(self.files, self.livy)

    def log(self, run_id: str) -> Sequence[str]:
        """The run's whole log."""
        return job_log(self.files, self.livy, run_id)

    def sample_for_calibration(self) -> int:
        """Two slices of 128 tiles for each core of the cluster; for two cores, where its nodes are not known."""
        node = self._node
        return 256 * (node.cores * (self.livy.endpoint.workers or 1) if node else 2)

    def _priced(self, record: RunRecord) -> RunRecord:
        """With its share of what the cluster cost meanwhile; None where the price is not known."""
        hourly = self.livy.endpoint.usd_per_hour
        if hourly is None or record.seconds is None:
            return record
        return record.model_copy(update={"cost_usd": round(record.seconds / 3600 * hourly / self.batches, 6)})

    @property
    def _node(self) -> Node | None:
        return Node.of(self.livy.endpoint.worker_size or "")

    def _conf(self) -> dict[str, str]:
        return {setting.name: setting.value for setting in self.settings()}

    def _ending(self, run_id: str) -> Ending:
        batch = self.livy.find(run_id)
        result = self.files.result(run_id)
        if result is not None:
            return Ending(result, batch)
        if batch is None:
            raise ClusterError(
                f"The cluster does not know the job of {run_id}, and the job left no result.",
                suggestion="Run the train or score command again: it submits the job once more.",
            )
        return Follower(self.livy, self.files, self.report, self.pause).follow(run_id, batch)

    def _done_already(self, order: JobOrder) -> RunRecord | None:
        newest = next(iter(self.history.list(kind=order.kind, name=order.name, limit=1)), None)
        if newest is None or newest.state != "succeeded" or not self.files.has(newest.run_id, SPEC):
            return None
        return newest if self.files.spec(newest.run_id).digest() == order.digest() else None

    def _refuse_taken_name(self, order: JobOrder) -> None:
        if order.kind == "train" and not order.overwrite and self.store.exists(TRAINED, model_info(order.name)):
            raise RefusedError(
                f"There is a model {order.name!r} already, trained in another way or on other images.",
                left="It was not touched.",
                suggestion="Choose another --name, or replace it with --overwrite.",
            )


def _record(order: JobOrder, batch: Batch | None = None, result: dict[str, Any] | None = None, **more: Any) -> RunRecord:
    return record_from(
        order.model_dump(mode="json"),
        result,
        created_at=order.created_at,
        data=order.data,
        code={"version": __version__, "hash": job_package().hash},
        batch=batch.model_dump() if batch else None,
        **more,
    )


def _failure(run_id: str, result: dict[str, Any]) -> JobFailedError:
    error = result.get("error") or {}
    details = "".join(f"\n  {line}" for line in error.get("details", []))
    return JobFailedError(
        f"The job {run_id} failed: {error.get('message', 'it gave no reason')}{details}",
        left="Nothing was written under the model's name.",
        suggestion=error.get("suggestion") or f"The whole log: aerial-ops jobs logs {run_id}",
        data={"run_id": run_id, **error},
    )
