"""Every error a user can meet, in one tree. The exit code belongs to the class; `aerial-ops --help` lists the codes.

AerialOpsError            1  something failed
├── UsageError            2  the command line, a setting or a file given by the user is wrong
├── RefusedError          3  a guard said no (a name that is taken, a quota, a price)
├── LeftBehindError       4  something may still exist in the cloud
├── JobFailedError        5  a Spark job failed
├── DetachedError       130  the user stopped watching; the work itself goes on
├── StoppedError        130  the user stopped the work; it was ended in good order
├── StorageError          1  the blob store did not do what was asked
│   ├── BlobNotFoundError 1  a blob or a container is not there
│   └── StorageAccessError 1  the key, role or SAS does not allow it
├── ClusterError          1  the cluster's job server did not do what was asked
├── InfrastructureError   1  Terraform or Azure's control plane did not do what was asked; nothing was changed
├── DataError             1  images, labels or tables are not what they should be
├── BackboneError         1  a network is missing, damaged or unfit
├── ToolError             1  a program this kit needs is missing or too old
└── EmulatorError         1  the emulated cloud did not start, stop or answer
"""

import re
from collections.abc import Mapping
from typing import Any

_SIGNATURE = re.compile(r"(\bsig=)[^&\s'\")]+", re.IGNORECASE)


class AerialOpsError(Exception):
    """What happened, to which thing, what was left, and what to do next.

    `message` says what happened to which thing. `left` says what exists now that should not, or what was kept.
    `suggestion` is the next step, a command where there is one. `data` goes into `--json` output.
    """

    exit_code = 1

    def __init__(self, message: str, *, left: str = "", suggestion: str = "", data: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.left = left
        self.suggestion = suggestion
        self.data = dict(data or {})

    def as_dict(self) -> dict[str, Any]:
        """The error as JSON-ready data, without empty parts."""
        parts = {"type": type(self).__name__, "message": self.message, "left": self.left, "suggestion": self.suggestion}
        return {key: value for key, value in {**parts, "data": self.data}.items() if value}


class UsageError(AerialOpsError):
    """The command line, a setting or a file given by the user is wrong."""

    exit_code = 2


class RefusedError(AerialOpsError):
    """A guard said no before anything was changed."""

    exit_code = 3


class LeftBehindError(AerialOpsError):
    """Something may still exist in the cloud, and may cost money."""

    exit_code = 4


class JobFailedError(AerialOpsError):
    """A Spark job ended without its result."""

    exit_code = 5


class DetachedError(AerialOpsError):
    """The user stopped watching; the work itself goes on."""

    exit_code = 130


class StoppedError(AerialOpsError):
    """The user stopped the work; it was ended in good order."""

    exit_code = 130


class StorageError(AerialOpsError):
    """The blob store did not do what was asked."""


class BlobNotFoundError(StorageError):
    """A blob or a container is not there."""


class StorageAccessError(StorageError):
    """The key, the role or the SAS does not allow it."""


class ClusterError(AerialOpsError):
    """The cluster's job server did not do what was asked."""


class InfrastructureError(AerialOpsError):
    """Terraform or Azure's control plane did not do what was asked; nothing was changed."""


class DataError(AerialOpsError):
    """Images, labels or tables are not what they should be."""


class BackboneError(AerialOpsError):
    """A network is missing, damaged or unfit."""


class ToolError(AerialOpsError):
    """A program this kit needs is missing or too old."""


class EmulatorError(AerialOpsError):
    """The emulated cloud did not start, stop or answer."""


def redacted(text: str) -> str:
    """`text` without the signatures of any SAS in it."""
    return _SIGNATURE.sub(r"\1REDACTED", text)
