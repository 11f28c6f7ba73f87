"""`aerial-ops reap`: remove what is past its deadline."""

from typing import Annotated

import typer

from aerial_ops.cli.infrastructure_options import Json, Yes


def reap(
    all_environments: Annotated[
        bool, typer.Option("--all-environments", help="Every environment of the subscription, whoever made it.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Remove what is past its deadline, found by its tags alone; nothing on this machine needs to know of it.

    The dead man's switch inside of Azure does the same at the deadline; this finds what it has missed. What lacks the tags is
    never touched. Where the data is to be kept only the clusters go.
    """
    from aerial_ops.cli import asking, session, show_reaped
    from aerial_ops.infrastructure import reap as phase

    here = session.Session(as_json)
    done = phase.reap(here.site, everywhere=all_environments, dry_run=dry_run, approve=asking.asker(here.out, yes))
    show_reaped.reaped(here.out, done)
