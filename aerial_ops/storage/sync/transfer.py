"""Phase two: send what is missing, each file whole or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from aerial_ops.errors import StorageError
from aerial_ops.reporting import Reporter
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.sync.index import HashIndex
from aerial_ops.storage.sync.parallel import each
from aerial_ops.storage.sync.plan import ContainerPlan, problem
from aerial_ops.storage.sync.source import FileProblemError, Sent, Source, SourceFile


@dataclass
class Transfer:
    """What has been sent so far."""

    sent: dict[str, list[Sent]]
    problems: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many files arrived."""
        return sum(len(sent) for sent in self.sent.values())


def send_all(
    source: Source, store: BlobStore, plans: Sequence[ContainerPlan], *, threads: int, report: Reporter, transfer: Transfer
) -> None:
    """Send the files of `plans`, filling in `transfer`. A bad file is a problem; a store that does not answer ends it."""
    jobs = [(plan.container, file) for plan in plans for file in plan.send]
    if not jobs:
        return
    jobs.sort(key=lambda job: -job[1].size)  # the biggest first, else one of them is waited for in the end

    def send(job: tuple[str, SourceFile]) -> Sent | FileProblemError:
        try:
            return source.send(*job, store)
        except FileProblemError as error:
            return error

    with report.task("Sending", sum(file.size for _, file in jobs), "bytes") as task:
        for (container, file), outcome in each(jobs, send, min(threads, len(jobs))):
            if isinstance(outcome, FileProblemError):
                transfer.problems.append(problem(container, file.name, str(outcome)))
            else:
                transfer.sent[container].append(outcome)
            task.advance(file.size)


def remember(source: Source, index: HashIndex, transfer: Transfer) -> None:
    """Keep the MD5s that were found out while sending."""
    for container, sent in transfer.sent.items():
        index.learn(source.place(container), (one.file for one in sent if source.settled(one.file)))


def delete_extra(store: BlobStore, plans: Sequence[ContainerPlan], threads: int) -> None:
    """Remove from the destination what the source does not have."""
    jobs = [(plan.container, blob.name) for plan in plans for blob in plan.extra]
    for _ in each(jobs, lambda job: store.delete(*job), min(threads, len(jobs))):
        continue


def explain_failure(error: StorageError, done: int, total: int) -> StorageError:
    """`error` with what the destination has now."""
    error.left = f"{done:,} of {total:,} files are complete in the storage account."
    error.suggestion = (
        f"{error.suggestion} The same command sends the rest." if error.suggestion else "Run the same command again."
    )
    return error
