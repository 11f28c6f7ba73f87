"""The cache for big downloads, outside every work tree: Spark's jars, Livy's jars, Azurite, networks."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock


def cache_folder(*parts: str) -> Path:
    """The folder `parts` of the cache, made if need be. AERIAL_OPS_CACHE moves the cache."""
    base = os.environ.get("AERIAL_OPS_CACHE")
    root = Path(base) if base else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "aerial-ops"
    folder = root.joinpath(*parts)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Only one process at a time fills `folder`; the lock goes with the process that holds it, however it ends."""
    with FileLock(folder.with_name(folder.name + ".lock")):
        yield
