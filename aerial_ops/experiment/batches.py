"""The jobs of a run: each is ordered once, whatever happens in between; several go at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event
from typing import Literal

from aerial_ops.clouds.base import ClusterEndpoint
from aerial_ops.errors import (
    AerialOpsError,
    BackboneError,
    DataError,
    DetachedError,
    JobFailedError,
    RefusedError,
    StoppedError,
    UsageError,
)
from aerial_ops.experiment.context import Run
from aerial_ops.experiment.job_logs import keep_logs
from aerial_ops.experiment.plan import Training
from aerial_ops.jobs.files import RECORD
from aerial_ops.jobs.livy import LivyClient
from aerial_ops.jobs.service import Jobs
from aerial_ops.jobs.spark_settings import Node
from aerial_ops.jobs.spec import JobOrder
from aerial_ops.runs.record import RunRecord
from aerial_ops.storage.blobs import BlobStore

NODES_OF_A_JOB, MOST_AT_ONCE = 4, 4
OWN_FAULTS = (JobFailedError, BackboneError, DataError, RefusedError, UsageError)  # the others need not be stopped for these


def how_many(asked: int | Literal["auto"], cluster: ClusterEndpoint, waiting: int) -> int:
    """How many jobs go at once on a cluster.

    "auto" gives each job NODES_OF_A_JOB nodes, its share of Spark's executors, and no more than MOST_AT_ONCE go together:
    featurising keeps every core busy in one job too; side by side, the jobs' beginnings and ends overlap. Nodes whose cores
    the cluster does not have do not count.
    """
    fits = asked if asked != "auto" else min(_nodes(cluster) // NODES_OF_A_JOB, MOST_AT_ONCE)
    return max(1, min(fits, waiting))


def _nodes(cluster: ClusterEndpoint) -> int:
    """The worker nodes of a cluster, as far as it has their cores."""
    node, workers = Node.of(cluster.worker_size or ""), cluster.workers or 0
    return workers if cluster.cores is None or node is None else min(workers, cluster.cores // node.cores)


def waves(trainings: Sequence[Training], *, cache: bool = True) -> list[list[Training]]:
    """The trainings in two waves: those of the second find the features that they need in the cache. One without a cache.

    Side by side, two jobs on the same network would both compute them. The first wave has one training of each network, that
    with the largest share of the images.
    """
    if not cache:
        return [list(trainings)] if trainings else []
    first: dict[str, Training] = {}
    for one in trainings:
        if one.backbone not in first or one.sample_frac > first[one.backbone].sample_frac:
            first[one.backbone] = one
    found = [[one for one in trainings if (first[one.backbone] is one) is wanted] for wanted in (True, False)]
    return [wave for wave in found if wave]


class Pause:
    """Waits between two looks at a job; once it is stopped, it ends whoever waits as Ctrl-C would. `reason` is the first one."""

    def __init__(self) -> None:
        self._stop = Event()
        self.reason: BaseException | None = None

    def stop(self, reason: BaseException) -> None:
        """End whoever waits, now or later."""
        self.reason = self.reason or reason
        self._stop.set()

    @property
    def stopped(self) -> bool:
        """Whether it was."""
        return self._stop.is_set()

    def __call__(self, seconds: float) -> None:
        """Wait so long, or raise KeyboardInterrupt."""
        if self._stop.wait(seconds):
            raise KeyboardInterrupt


@dataclass(frozen=True)
class Batches:
    """The jobs of one run on its cluster; `pause` is what they wait with."""

    run: Run
    jobs: Jobs
    pause: Pause

    @classmethod
    def of(cls, run: Run, store: BlobStore, many: int = 1) -> "Batches":
        """The jobs of the run's cluster as it is now, `many` of them at a time. Raises UsageError when there is none."""
        pause, cloud = Pause(), run.site.cloud
        livy = LivyClient(cloud.cluster(), cloud.trust(), pause)
        jobs = Jobs(store, livy, run.report, batches=many, synapseml=cloud.synapseml_settings, pause=pause)
        return cls(run, jobs, pause)

    def carry_out(self, what: str, mark: str, make: Callable[[], JobOrder]) -> RunRecord:
        """The record of the job that does this step: one that has ended, one that is open, or a new one that `make` orders."""
        journal = self.run.journal
        with journal.step(what, mark) as reached:
            record = self._ended(journal.ordered(what, mark))
            if record is None:
                order = self.jobs.taken_up(make())
                journal.order(what, mark, order.run_id)
                record = self._followed(order)
            reached["run_id"] = record.run_id
            try:
                self.run.kept.take(self.jobs.store, record)
            except OSError as error:
                self.run.report.note(f"The results of {record.run_id} are not kept on this machine: {error.strerror}.")
        return record

    def at_once(self, works: Sequence[Callable[[], RunRecord]]) -> list[RunRecord | AerialOpsError]:
        """Do the works: what each has reached, or why it failed by its own fault.

        Anything else that goes wrong, and Ctrl-C, ends all of them: their jobs are killed.
        """
        with ThreadPoolExecutor(self.jobs.batches, thread_name_prefix="job") as pool:
            running = [pool.submit(self._done, work) for work in works]
            try:
                wait(running, return_when=FIRST_EXCEPTION)
                if self.pause.reason:  # the others are only stopped because of it
                    raise self.pause.reason
            except BaseException as error:
                self.pause.stop(error)
                raise
        return [one.result() for one in running]

    def _done(self, work: Callable[[], RunRecord]) -> RunRecord | AerialOpsError:
        """What the work has reached, or its own fault; any other fault keeps the next from being begun."""
        if self.pause.stopped:
            return StoppedError("It was not begun.")
        try:
            return work()
        except OWN_FAULTS as error:
            return error
        except BaseException as error:
            self.pause.stop(error)
            raise

    def _ended(self, run_id: str) -> RunRecord | None:
        if not run_id or not self.jobs.files.has(run_id, RECORD):
            return None
        record = self.jobs.history.get(run_id)
        return record if record.state == "succeeded" else None

    def _followed(self, order: JobOrder) -> RunRecord:
        try:
            return self.jobs.carry_out(order)
        except DetachedError as stopped:
            self.jobs.kill(order.run_id)
            raise AerialOpsError(f"Interrupted: {order.run_id} was killed.", data={"interrupted": 1}) from stopped
        except JobFailedError as error:
            self._keep_log(order.run_id, error)
            raise

    def _keep_log(self, run_id: str, error: JobFailedError) -> None:
        """The logs go with the cluster; a failed job's are kept in the run's folder."""
        try:
            path = keep_logs(self.jobs, run_id, self.run.journal.folder)
        except (AerialOpsError, OSError) as lost:
            self.run.report.note(f"The log of {run_id} could not be kept: {lost}")
            return
        error.suggestion = f"{error.suggestion}\nIts whole log is kept: {path}".strip()
