"""The cache for big downloads, outside every work tree: Spark's jars, Livy's jars, Azurite, networks."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from aerial_ops.errors import UsageError


def cache_folder(*parts: str) -> Path:
    """The folder `parts` of the cache, made if need be. AERIAL_OPS_CACHE moves the cache.

    Raises UsageError when it cannot be made.
    """
    base = os.environ.get("AERIAL_OPS_CACHE")
    root = Path(base) if base else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "aerial-ops"
    folder = root.joinpath(*parts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"The cache of big downloads cannot be in {root}: {error.strerror}.",
            suggestion="Have it somewhere else: export AERIAL_OPS_CACHE=FOLDER",
        ) from error
    return folder


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Only one process at a time fills `folder`; the lock goes with the process that holds it, however it ends."""
    with FileLock(folder.with_name(folder.name + ".lock")):
        yield
