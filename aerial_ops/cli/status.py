"""`aerial-ops status`: what exists now."""

from aerial_ops.cli.options import Json


def status(as_json: Json = False) -> None:
    """Show what exists, the cluster's state, what it has cost so far, and when it will be removed. Azure itself is asked."""
    from aerial_ops.cli import session, show_environment
    from aerial_ops.infrastructure import status as phase

    here = session.Session(as_json)
    show_environment.status(here.out, phase.status(here.site))
