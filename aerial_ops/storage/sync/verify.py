"""Phase three: list the destination once more and compare it with what was to be there."""

from collections.abc import Iterable, Mapping, Sequence

from aerial_ops.errors import StorageError
from aerial_ops.storage.blobs import BlobInfo, BlobStore
from aerial_ops.storage.sync.plan import first, problem
from aerial_ops.storage.sync.source import SourceFile


def verify(store: BlobStore, container: str, expected: Iterable[SourceFile], absent: Iterable[str] = ()) -> Sequence[BlobInfo]:
    """The container's blobs now. Raises StorageError that names those that are not as `expected` or not `absent`."""
    found = list(store.list(container))
    wrong = differences(container, {blob.name: blob for blob in found}, expected, absent)
    if wrong:
        raise StorageError(
            f"{len(wrong):,} blobs are not what was sent: {first(wrong)}.",
            left=f"The rest of {container} is complete; no manifest was written.",
            suggestion="Make sure that nobody else writes there, then run the command again: it sends those.",
            data={"problems": wrong},
        )
    return found


def differences(
    container: str, found: Mapping[str, BlobInfo], expected: Iterable[SourceFile], absent: Iterable[str]
) -> Sequence[str]:
    """One line for each blob that is missing, of another size or MD5, or still there."""
    wrong = []
    for file in expected:
        blob = found.get(file.name)
        if blob is None:
            wrong.append(problem(container, file.name, "it is missing"))
        elif blob.size != file.size:
            wrong.append(problem(container, file.name, f"it has {blob.size} bytes instead of {file.size}"))
        elif blob.md5 != file.md5:
            wrong.append(problem(container, file.name, "its MD5 differs"))
    wrong += [problem(container, name, "it is still there") for name in absent if name in found]
    return wrong
