"""`aerial-ops calibrate`: how fast a core of this cluster works."""

from typing import Annotated

import typer

from aerial_ops.cli import job_options as options
from aerial_ops.cli.options import Json


def calibrate(
    backbone: options.Backbone = "efficientnet-lite0",
    tiles: Annotated[int | None, typer.Option(min=200, help="Tiles to measure with (default: 256 for each core).")] = None,
    as_json: Json = False,
) -> None:
    """Measure on the cluster how many tiles' features a core computes in a second; `aerial-ops estimate` counts with it.

    Takes about a minute and keeps nothing but the figures. It needs images in the container train.
    """
    from aerial_ops.cli import session, show_estimate
    from aerial_ops.jobs.orders import calibrate_order
    from aerial_ops.planning.estimate import known_rates

    here = session.Session(as_json)
    order = calibrate_order(here.store, backbone, tiles=tiles or here.jobs.sample_for_calibration(), report=here.out)
    run = here.jobs.run(order)
    show_estimate.calibration(here.out, run, known_rates(here.site, backbone))
