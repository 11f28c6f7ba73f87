"""The sync from beginning to end: plan, send, remove, verify, write the manifests."""

import time
from collections.abc import Sequence
from pathlib import Path

from aerial_ops.errors import DataError, StorageError, UsageError
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.storage import manifest
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.sync.index import HashIndex
from aerial_ops.storage.sync.parallel import each
from aerial_ops.storage.sync.plan import ContainerPlan, first, make_plan
from aerial_ops.storage.sync.result import ContainerResult, SyncResult
from aerial_ops.storage.sync.source import Source, SourceFile
from aerial_ops.storage.sync.transfer import Transfer, delete_extra, explain_failure, remember, send_all
from aerial_ops.storage.sync.verify import verify

THREADS = 32
MOST_THREADS = 64


def sync(
    source: Source,
    store: BlobStore,
    *,
    home: Path,
    dry_run: bool = False,
    remove_extra: bool = False,
    threads: int = THREADS,
    report: Reporter = SILENT,
) -> SyncResult:
    """Make the containers of `store` hold what `source` has; `home` keeps the index of hashes.

    Raises UsageError or DataError before anything is done, DataError afterwards for files that could not be sent,
    StorageError when an end does not answer or a blob is not what was sent. Whatever happens, the same call goes on.
    """
    if not 1 <= threads <= MOST_THREADS:
        raise UsageError(f"{threads} parallel transfers are not possible: choose 1 to {MOST_THREADS}.")
    began = time.monotonic()
    with HashIndex(home) as index:
        plans = make_plan(source, store, index, report)
        transfer = Transfer({plan.container: [] for plan in plans})
        hashes: dict[str, str] = {}
        if not dry_run:
            _transfer(source, store, plans, threads=threads, transfer=transfer, index=index, report=report)
            if remove_extra:
                delete_extra(store, plans, threads)
            hashes = _settle_all(source, store, plans, transfer, removed=remove_extra, report=report)
    results = [ContainerResult.of(plan, transfer, hashes.get(plan.container, ""), remove_extra and not dry_run) for plan in plans]
    return SyncResult(source.label, dry_run, results, getattr(source, "copy_refusal", ""), time.monotonic() - began)


def _transfer(
    source: Source,
    store: BlobStore,
    plans: Sequence[ContainerPlan],
    *,
    threads: int,
    transfer: Transfer,
    index: HashIndex,
    report: Reporter,
) -> None:
    there, total = sum(len(plan.there) for plan in plans), sum(len(plan.there) + len(plan.send) for plan in plans)
    try:
        store.ensure_containers(plan.container for plan in plans if not plan.exists)
        send_all(source, store, plans, threads=threads, report=report, transfer=transfer)
    except KeyboardInterrupt:
        done = f"{there + transfer.count:,} of {total:,} files are complete in the storage account"
        report.note(f"Stopped: {done}. The same command sends the rest.")
        raise
    except StorageError as error:
        raise explain_failure(error, there + transfer.count, total) from error.__cause__
    finally:
        remember(source, index, transfer)
    if transfer.problems:
        raise DataError(
            f"{len(transfer.problems):,} files could not be sent: {first(transfer.problems)}.",
            left=f"{there + transfer.count:,} of {total:,} files are complete in the storage account; no manifest was written.",
            suggestion="Mend them, then run the same command again: it sends only those.",
            data={"problems": transfer.problems},
        )


def _settle_all(
    source: Source, store: BlobStore, plans: Sequence[ContainerPlan], transfer: Transfer, *, removed: bool, report: Reporter
) -> dict[str, str]:
    """Each container's data hash, after its verification and with its manifest in place; all containers at the same time."""
    files = {plan.container: len(plan.there) + len(plan.send) for plan in plans}
    changed = transfer.count or (removed and any(plan.extra for plan in plans))

    def settle(plan: ContainerPlan) -> str | StorageError:
        try:
            return _settle(source, store, plan, transfer, removed)
        except StorageError as error:
            return error  # the others get their manifests nevertheless

    outcomes: dict[str, str | StorageError] = {}
    with (report if changed else SILENT).task("Verifying", sum(files.values()), "files") as task:
        for plan, outcome in each(plans, settle, len(plans)):
            outcomes[plan.container] = outcome
            task.advance(files[plan.container])
    hashes = {}
    for plan in plans:
        outcome = outcomes[plan.container]
        if isinstance(outcome, StorageError):
            raise outcome
        hashes[plan.container] = outcome
    return hashes


def _settle(source: Source, store: BlobStore, plan: ContainerPlan, transfer: Transfer, removed: bool) -> str:
    """Verify one container and see to its manifest; its data hash. Nothing is listed again where nothing was changed."""
    sent: list[SourceFile] = [one.file for one in transfer.sent[plan.container]]
    gone = [blob.name for blob in plan.extra] if removed else []
    blobs = verify(store, plan.container, [*plan.there, *sent], gone) if sent or gone else plan.found
    data_hash, extra, old = manifest.hash_of(blobs), len(blobs) - len(plan.there) - len(sent), plan.manifest
    if old is None or (old.data_hash, old.source, old.extra) != (data_hash, source.label, extra):
        manifest.write_manifest(store, manifest.make_manifest(plan.container, source.label, blobs, extra))
    return data_hash
