"""`aerial-ops up`: make the environment."""

from typing import Annotated

import typer

from aerial_ops.cli.infrastructure_options import Json, MaxCost, NoPrice, Ttl, Unlock, WorkersOrAuto, Yes, workers_of


def up(
    workers: WorkersOrAuto = None,
    ttl: Ttl = None,
    max_cost: MaxCost = None,
    keep_data: Annotated[bool | None, typer.Option("--keep-data/--remove-data", help="At the deadline, keep the data.")] = None,
    data_only: Annotated[bool, typer.Option("--data-only", help="Make the storage account and the switch, no cluster.")] = False,
    plan_only: Annotated[bool, typer.Option("--plan-only", help="Only tell what would be made and what it would cost.")] = False,
    unlock: Unlock = False,
    unguarded: Annotated[
        bool, typer.Option("--unguarded", help="Make the cluster also when the dead man's switch is not armed.")
    ] = False,
    no_price: NoPrice = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Make the resource group, the storage account, the dead man's switch and the Spark cluster; run again, make what is missing.

    At the deadline the cloud itself removes everything, whether or not this machine still exists.
    """
    from aerial_ops.cli import asking, session, show_environment
    from aerial_ops.infrastructure import up as phase
    from aerial_ops.infrastructure.durations import parse_duration

    here = session.Session(as_json)
    length = parse_duration(ttl) if ttl else None
    order = phase.UpOrder(
        workers_of(workers), length, max_cost, keep_data, None, data_only, unlock, unguarded, check_price=not no_price
    )
    made = phase.plan_up(here.site, order) if plan_only else phase.up(here.site, order, asking.asker(here.out, yes))
    show_environment.made(here.out, made)
