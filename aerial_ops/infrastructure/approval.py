"""What a command is about to do, for the person or the flag that allows it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from aerial_ops.infrastructure.cost import Rate
from aerial_ops.infrastructure.facts import Found
from aerial_ops.infrastructure.terraform import Change, Plan


@dataclass(frozen=True)
class Proposal:
    """`title` is a question. `changes` are Terraform's; `found` is removed besides; `strangers` are left alone."""

    title: str
    changes: tuple[Change, ...] = ()
    found: tuple[Found, ...] = ()
    strangers: tuple[Found, ...] = ()
    rate: Rate | None = None
    usd_until_deadline: float | None = None
    deadline: datetime | None = None
    notes: tuple[str, ...] = field(default=())


Approve = Callable[[Proposal], None]
"""Returns when the proposal is allowed; raises RefusedError when not."""


@contextmanager
def discarding(*plans: Plan) -> Iterator[None]:
    """When this ends with an error, saved plans are not left behind: they hold secrets."""
    try:
        yield
    except BaseException:
        for plan in plans:
            plan.discard()
        raise


def allow(_: Proposal) -> None:
    """Everything is allowed: --yes, and callers that have asked themselves."""
