"""What a sync did, for people and for programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aerial_ops.storage.sync.plan import ContainerPlan
from aerial_ops.storage.sync.source import How
from aerial_ops.storage.sync.transfer import Transfer


@dataclass(frozen=True, slots=True)
class ContainerResult:
    """One container's figures: files and bytes of the source, files sent by each way, blobs at the destination only."""

    container: str
    files: int
    bytes: int
    to_send: int
    to_send_bytes: int
    there: int
    uploaded: int
    copied: int
    streamed: int
    extra: int
    deleted: int
    skipped: int
    data_hash: str

    @classmethod
    def of(cls, plan: ContainerPlan, transfer: Transfer, data_hash: str, removed: bool) -> "ContainerResult":
        """The figures of a plan and of what became of it; without a `data_hash` nothing was done."""
        sent = transfer.sent[plan.container]

        def by(how: How) -> int:
            return sum(one.how == how for one in sent)

        files = [*plan.there, *([one.file for one in sent] if data_hash else plan.send)]
        return cls(
            container=plan.container,
            files=len(files),
            bytes=sum(file.size for file in files),
            to_send=len(plan.send),
            to_send_bytes=plan.send_bytes,
            there=len(plan.there),
            uploaded=by("uploaded"),
            copied=by("copied"),
            streamed=by("streamed"),
            extra=0 if removed else len(plan.extra),
            deleted=len(plan.extra) if removed else 0,
            skipped=plan.skipped,
            data_hash=data_hash,
        )

    @property
    def sent(self) -> int:
        """Files that were sent, by whatever way."""
        return self.uploaded + self.copied + self.streamed


@dataclass(frozen=True, slots=True)
class SyncResult:
    """The whole sync; `copy_refusal` is why the service did not copy by itself, "" otherwise."""

    source: str
    dry_run: bool
    containers: Sequence[ContainerResult]
    copy_refusal: str
    seconds: float

    def total(self, figure: str) -> int:
        """The sum of one figure over the containers."""
        return sum(getattr(one, figure) for one in self.containers)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        figures = (
            "files",
            "bytes",
            "to_send",
            "to_send_bytes",
            "sent",
            "there",
            "uploaded",
            "copied",
            "streamed",
            "extra",
            "deleted",
        )
        rows = [
            {"container": one.container, **{figure: getattr(one, figure) for figure in (*figures, "skipped", "data_hash")}}
            for one in self.containers
        ]
        totals = {figure: self.total(figure) for figure in figures}
        return {
            "source": self.source,
            "dry_run": self.dry_run,
            **totals,
            "seconds": round(self.seconds, 3),
            "copy_refusal": self.copy_refusal,
            "containers": rows,
        }
