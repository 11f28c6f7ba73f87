"""`aerial-ops extend`: a later deadline."""

from typing import Annotated

import typer

from aerial_ops.cli.infrastructure_options import Json, NoPrice


def extend(
    length: Annotated[str, typer.Argument(help="How much later, such as 30m, 2h.")],
    no_price: NoPrice = False,
    as_json: Json = False,
) -> None:
    """Move the deadline everywhere: the dead man's switch, the tags, and what this machine knows."""
    from aerial_ops.cli import session, show_environment
    from aerial_ops.infrastructure import changes
    from aerial_ops.infrastructure.durations import parse_duration

    here = session.Session(as_json)
    show_environment.changed(here.out, changes.extend(here.site, parse_duration(length), check_price=not no_price))
