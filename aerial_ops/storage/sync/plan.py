"""Phase one: list both ends once, and decide what to send."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from aerial_ops.errors import BlobNotFoundError, DataError, UsageError
from aerial_ops.reporting import Reporter
from aerial_ops.storage.ahead import begun
from aerial_ops.storage.blobs import BlobInfo, BlobStore
from aerial_ops.storage.manifest import Manifest, read_manifest
from aerial_ops.storage.sync.filenames import printable
from aerial_ops.storage.sync.index import HashIndex
from aerial_ops.storage.sync.parallel import each
from aerial_ops.storage.sync.source import FileProblemError, Listing, Source, SourceFile

SHOWN = 10


@dataclass(frozen=True, slots=True)
class ContainerPlan:
    """What is to be done for one container."""

    container: str
    send: Sequence[SourceFile]
    there: Sequence[SourceFile]  # complete at the destination, MD5 known
    extra: Sequence[BlobInfo]  # at the destination only
    found: Sequence[BlobInfo]  # the destination as it was listed
    exists: bool
    skipped: int
    manifest: Manifest | None  # what the last sync left, if it can be read

    @property
    def send_bytes(self) -> int:
        """How much is to be sent."""
        return sum(file.size for file in self.send)


def make_plan(source: Source, store: BlobStore, index: HashIndex, report: Reporter) -> list[ContainerPlan]:
    """One plan for each container that the source has. Raises UsageError or DataError when the source cannot be synced."""
    listings: dict[str, Listing] = {}
    files: dict[str, list[SourceFile]] = {}
    with report.task("Listing", None, "files") as task:
        manifests = {container: begun(partial(_manifest, store, container)) for container in source.containers}
        found = {container: begun(partial(_blobs, store, container)) for container in source.containers}
        for container, listing in each(source.containers, source.list, len(source.containers)):
            if listing is None:
                continue
            listings[container] = listing
            task.advance(len(listing.files))
            if listing.files and not listing.problems:  # else it is refused, and what is known of it stays known
                files[container] = index.completed(source.place(container), listing.files)
        _check(source, listings)
        plans = [
            _decide(container, files[container], found[container](), listings[container].skipped, manifests[container]())
            for container in source.containers
            if container in listings
        ]
        task.update(total=sum(len(listing.files) for listing in listings.values()))
    return _hash_doubtful(source, plans, index, report)


def _blobs(store: BlobStore, container: str) -> list[BlobInfo] | None:
    try:
        return list(store.list(container))
    except BlobNotFoundError:
        return None


def _manifest(store: BlobStore, container: str) -> Manifest | None:
    try:
        return read_manifest(store, container)
    except DataError:
        return None  # damaged: it will be written anew


def _check(source: Source, listings: dict[str, Listing]) -> None:
    if not listings:
        raise UsageError(f"The source {source.label} has none of the containers {', '.join(source.containers)}.")
    problems = [f"{container}/{problem}" for container, listing in listings.items() for problem in listing.problems]
    if problems:
        raise DataError(
            f"{len(problems)} of the source's files cannot be sent: {first(problems)}.",
            left="Nothing was sent.",
            suggestion="Mend, rename or remove them, then run the command again.",
            data={"problems": problems},
        )
    empty = [container for container, listing in listings.items() if not listing.files]
    if empty:
        raise UsageError(
            f"The source {source.label} has no files for {', '.join(empty)}.",
            left="Nothing was sent.",
            suggestion="Fill it, or name the others with --containers.",
        )


def first(sentences: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    more = f"; and {len(sentences) - SHOWN:,} more" if len(sentences) > SHOWN else ""
    return "; ".join(sentences[:SHOWN]) + more


def _decide(
    container: str, files: Sequence[SourceFile], found: Sequence[BlobInfo] | None, skipped: int, manifest: Manifest | None
) -> ContainerPlan:
    """`found` is None when the destination has no such container.

    `there` also holds files whose size is right and whose MD5 has yet to be found out.
    """
    blobs = {blob.name: blob for blob in found or ()}
    send: list[SourceFile] = []
    there: list[SourceFile] = []
    for file in files:
        blob = blobs.pop(file.name, None)
        same = blob is not None and blob.size == file.size and blob.md5 and file.md5 in (b"", blob.md5)
        (there if same else send).append(file)
    return ContainerPlan(container, send, there, list(blobs.values()), found or (), found is not None, skipped, manifest)


def _hash_doubtful(source: Source, plans: list[ContainerPlan], index: HashIndex, report: Reporter) -> list[ContainerPlan]:
    doubtful = [(plan, file) for plan in plans for file in plan.there if not file.md5]
    if not doubtful:
        return plans

    def read(job: tuple[ContainerPlan, SourceFile]) -> bytes:
        try:
            return source.md5(job[0].container, job[1])
        except FileProblemError:
            return b""  # sending it will tell what is wrong with it

    found: dict[str, list[SourceFile]] = {plan.container: [] for plan in plans}
    try:
        with report.task("Hashing", sum(file.size for _, file in doubtful), "bytes") as task:
            for (plan, file), md5 in each(doubtful, read, os.cpu_count() or 1):
                found[plan.container].append(file._replace(md5=md5))
                task.advance(file.size)
    finally:  # whoever is interrupted need not read them again
        for container, files in found.items():
            index.learn(source.place(container), (file for file in files if file.md5 and source.settled(file)))
    return [_with_hashes(plan, {file.name: file.md5 for file in found[plan.container]}) for plan in plans]


def _with_hashes(plan: ContainerPlan, hashes: Mapping[str, bytes]) -> ContainerPlan:
    """The plan once the MD5s of its doubtful files are known; b"" is that of one that cannot be read, or changes."""
    hashed = [file if file.md5 else file._replace(md5=hashes[file.name]) for file in plan.there]
    blobs = {blob.name: blob.md5 for blob in plan.found}
    there = [file for file in hashed if file.md5 == blobs[file.name]]
    changed = [file for file in hashed if file.md5 != blobs[file.name]]
    return replace(plan, send=[*plan.send, *changed], there=there)


def problem(container: str, name: str, reason: str) -> str:
    """One line about one file."""
    return f"{container}/{printable(name)}: {reason}"
