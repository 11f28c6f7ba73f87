"""The folder of an image set: claimed by a marker that holds what the set was made with, so that a second run can go on."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from filelock import FileLock

from aerial_ops.datasets.writer import disk_errors, remove_parts, write_whole
from aerial_ops.errors import RefusedError, UsageError

LOCK = ".lock"


@dataclass(frozen=True)
class SetFolder:
    """A claimed folder: its marker file and the parameters in it."""

    path: Path
    marker: Path
    parameters: Mapping[str, Any]
    summary: Mapping[str, Any] | None
    """What the marker of a finished set says beside the parameters; None when it is not finished."""

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Write the marker that makes the set complete."""
        _write_marker(self.marker, self.parameters, {"complete": True, **summary})


@contextmanager
def claimed(out: Path, marker_name: str, parameters: Mapping[str, Any]) -> Iterator[SetFolder]:
    """Claim `out` for a set made with `parameters`; only one process at a time has it.

    Raises RefusedError when the folder holds something else, or a set made with other parameters.
    """
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file, not a folder.", suggestion="Name a new or empty folder.")
    with disk_errors(out):
        _refuse_others(out, marker_name)
        out.mkdir(parents=True, exist_ok=True)
        with FileLock(out / LOCK):
            marker = out / marker_name
            summary = _summary(marker, parameters) if marker.exists() else None
            if summary is None:
                _refuse_others(out, marker_name)
                _write_marker(marker, parameters, {"complete": False})
                remove_parts(out)
            yield SetFolder(out, marker, parameters, summary)


def _refuse_others(out: Path, marker_name: str) -> None:
    names = sorted(entry.name for entry in out.iterdir() if entry.name != LOCK) if out.exists() else []
    if names and marker_name not in names:
        raise RefusedError(
            f"{out} is not empty ({', '.join(names[:3])}{', ...' if len(names) > 3 else ''}).",
            suggestion="Name a new or empty folder; nothing was changed.",
        )


def _summary(marker: Path, parameters: Mapping[str, Any]) -> Mapping[str, Any] | None:
    try:
        found = json.loads(marker.read_text())
        before, complete = found["parameters"], found["complete"]
    except (ValueError, KeyError, TypeError) as error:
        raise RefusedError(
            f"{marker} is damaged, so it is unknown what {marker.parent} holds.",
            suggestion="Remove the folder or name another one; nothing was changed.",
        ) from error
    wanted = json.loads(json.dumps(parameters))
    if before != wanted:
        keys = sorted(key for key in {*before, *wanted} if before.get(key) != wanted.get(key))
        changes = ", ".join(f"{key} {before.get(key)!r} there, {wanted.get(key)!r} asked" for key in keys)
        raise RefusedError(
            f"{marker.parent} holds a set made otherwise: {changes}.",
            suggestion="Name another folder, or remove that one; nothing was changed.",
            data={"differs": keys},
        )
    return found if complete else None


def _write_marker(marker: Path, parameters: Mapping[str, Any], rest: Mapping[str, Any]) -> None:
    text = json.dumps(parameters, sort_keys=True)
    content = {"schema_version": 1, "parameters": parameters, "parameters_sha256": sha256(text.encode()).hexdigest(), **rest}
    write_whole(marker, (json.dumps(content, indent=2) + "\n").encode())


def data_hash(out: Path, files: list[Path]) -> tuple[int, str]:
    """Total bytes and one SHA-256 over the names (relative to `out`) and contents of `files`."""
    total, digest = 0, sha256()
    for file in sorted(files):
        content = file.read_bytes()
        total += len(content)
        digest.update(f"{file.relative_to(out).as_posix()} {sha256(content).hexdigest()}\n".encode())
    return total, digest.hexdigest()
