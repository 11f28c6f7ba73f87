"""Options of the commands that make, change and remove environments."""

from typing import Annotated, Literal

import typer

from aerial_ops.cli.options import Json
from aerial_ops.errors import UsageError

Workers = Annotated[int | None, typer.Option(min=1, metavar="N", help="Worker nodes (default: as they are, else 40).")]
WorkersOrAuto = Annotated[
    str | None,
    typer.Option(metavar="N|auto", help="Worker nodes (default: as they are, else 40); auto: as many as quota and budget allow."),
]
Ttl = Annotated[
    str | None, typer.Option(metavar="TIME", help="How long it may live from now, such as 90m, 4h, 1d (default: 4h).")
]
MaxCost = Annotated[float | None, typer.Option(min=0.01, metavar="USD", help="Refuse what would cost more until the deadline.")]
NoPrice = Annotated[bool, typer.Option("--no-price", help="Go on without a price check.")]
Unlock = Annotated[bool, typer.Option("--unlock", help="Break the lock of a command that is known to be dead.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Allow it beforehand; nothing is asked.")]


def workers_of(given: str | None) -> int | Literal["auto"] | None:
    """What `WorkersOrAuto` says. Raises UsageError."""
    if given is None:
        return None
    if given == "auto":
        return "auto"
    if given.isascii() and given.isdigit() and int(given) > 0:
        return int(given)
    raise UsageError(f"{given!r} is not a number of workers.", suggestion="Give a number from 1 on, or auto.")


__all__ = ["Json", "MaxCost", "NoPrice", "Ttl", "Unlock", "Workers", "WorkersOrAuto", "Yes", "workers_of"]
