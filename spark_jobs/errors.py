"""What can go wrong in a job, as result.json tells it.

JobError
├── SpecError         the order (spec.json) is wrong
├── StorageError      the blob store did not do what was asked
│   └── NotFoundError a blob or a container is not there
├── DataError         images, folders or labels are not what they should be
│   └── TooManyRejectedError
├── BackboneError     the network is missing, damaged or unfit
└── ModelError        a trained model is missing, taken or unfit
"""

from __future__ import annotations

from typing import Any, Sequence


class JobError(Exception):
    """What happened, to which thing, what to do next; `details` are lines such as the first rejected images."""

    def __init__(self, message: str, suggestion: str = "", details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.suggestion = suggestion
        self.details = list(details)

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.message, self.suggestion, self.details))

    def as_dict(self) -> dict[str, Any]:
        """The error as result.json holds it."""
        return {"type": type(self).__name__, "message": self.message, "suggestion": self.suggestion, "details": self.details}


class SpecError(JobError):
    """The order (spec.json) is wrong."""


class StorageError(JobError):
    """The blob store did not do what was asked."""


class NotFoundError(StorageError):
    """A blob or a container is not there."""


class DataError(JobError):
    """Images, folders or labels are not what they should be."""


class TooManyRejectedError(DataError):
    """More images are unreadable than the order allows."""


class BackboneError(JobError):
    """The network is missing, damaged or unfit."""


class ModelError(JobError):
    """A trained model is missing, taken or unfit."""
