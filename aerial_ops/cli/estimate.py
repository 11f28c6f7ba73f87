"""`aerial-ops estimate`: time and price before anything is rented."""

from typing import Annotated

import typer

from aerial_ops.cli.infrastructure_options import Json, Workers


def estimate(
    tiles: Annotated[int, typer.Option(min=0, help="Tiles to map.")] = 67_000,
    train: Annotated[int, typer.Option(min=1, help="Labelled tiles to train with.")] = 44_000,
    test: Annotated[int, typer.Option(min=0, help="Labelled tiles to test with.")] = 11_000,
    backbone: Annotated[str | None, typer.Option(help="Count only runs with this network as measurements.")] = None,
    backbones: Annotated[int, typer.Option(min=1, help="Networks that make features.")] = 1,
    classifiers: Annotated[int, typer.Option(min=1, help="Classifiers trained on the features of each.")] = 1,
    workers: Workers = None,
    within: Annotated[
        str | None, typer.Option(help="Find the cheapest number of workers that ends within it, such as 1h.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Estimate time and price of an experiment, stage by stage, and what limits each.

    Speeds come from the run history of this environment (`aerial-ops calibrate` measures them in a minute); where there is
    none, from the project's own measurements. Example: which cluster maps a county within the hour, for the least money?

        aerial-ops estimate --tiles 67000 --within 1h
    """
    from aerial_ops.cli import session, show_estimate
    from aerial_ops.infrastructure.durations import parse_duration
    from aerial_ops.planning.estimate import estimate as estimated
    from aerial_ops.planning.forecast import Workload

    here = session.Session(as_json)
    limit = parse_duration(within).total_seconds() if within else None
    work = Workload(train, test, tiles, backbones, classifiers)
    show_estimate.estimate(here.out, estimated(here.site, work, workers, limit, backbone))
