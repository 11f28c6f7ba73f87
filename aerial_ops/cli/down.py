"""`aerial-ops down`: remove the environment."""

from typing import Annotated

import typer

from aerial_ops.cli.infrastructure_options import Json, Unlock, Yes


def down(
    keep_data: Annotated[
        bool, typer.Option("--keep-data", help="Remove the cluster only; the data stays, also at the deadline.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Do not ask Terraform; delete what carries the environment's tag.")
    ] = False,
    unlock: Unlock = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Remove everything that belongs to the environment, and prove it: Azure is asked until nothing carries its tag.

    What does not carry the tag is never touched: it is named, and the exit code is 4.
    """
    from aerial_ops.cli import asking, session, show_environment
    from aerial_ops.infrastructure import down as phase

    here = session.Session(as_json)
    removed = phase.down(here.site, phase.DownOrder(keep_data, force, unlock), asking.asker(here.out, yes))
    show_environment.removed(here.out, removed)
