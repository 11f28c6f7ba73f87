"""Options of the commands that make, change and remove environments."""

from typing import Annotated

import typer

from aerial_ops.cli.options import Json

Workers = Annotated[int | None, typer.Option(min=1, help="Worker nodes (default: as they are, else 40).")]
Ttl = Annotated[str | None, typer.Option(help="How long it may live from now, such as 90m, 4h, 1d (default: 4h).")]
MaxCost = Annotated[float | None, typer.Option(min=0.01, help="Refuse what would cost more, in USD, until the deadline.")]
NoPrice = Annotated[bool, typer.Option("--no-price", help="Go on without a price check.")]
Unlock = Annotated[bool, typer.Option("--unlock", help="Break the lock of a command that is known to be dead.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Allow it beforehand; nothing is asked.")]

__all__ = ["Json", "MaxCost", "NoPrice", "Ttl", "Unlock", "Workers", "Yes"]
