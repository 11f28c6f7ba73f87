"""`aerial-ops cost`: the estimate, what has accrued, each run's share."""

from typing import Annotated

import typer

from aerial_ops.cli.infrastructure_options import Json, Ttl, Workers


def cost(
    workers: Workers = None,
    ttl: Ttl = None,
    runs: Annotated[bool, typer.Option("--runs", help="Show each run's share besides (reads the run history).")] = False,
    as_json: Json = False,
) -> None:
    """Show what the environment costs: an hour, until its deadline, and so far; before `up`, what it would cost."""
    from aerial_ops.cli import session, show_cost
    from aerial_ops.infrastructure import account
    from aerial_ops.infrastructure.durations import parse_duration

    here = session.Session(as_json)
    known = account.account(here.site, workers, parse_duration(ttl) if ttl else None)
    show_cost.cost(here, known, runs)
