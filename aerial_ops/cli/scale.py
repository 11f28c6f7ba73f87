"""`aerial-ops scale`: another number of workers."""

from typing import Annotated

import typer

from aerial_ops.cli.infrastructure_options import Json, NoPrice


def scale(
    workers: Annotated[int, typer.Argument(min=1, help="Number of worker nodes.")],
    no_price: NoPrice = False,
    as_json: Json = False,
) -> None:
    """Change the number of the cluster's workers, within the region's quota and the environment's budget."""
    from aerial_ops.cli import session, show_environment
    from aerial_ops.infrastructure import changes

    here = session.Session(as_json)
    show_environment.changed(here.out, changes.scale(here.site, workers, check_price=not no_price))
