"""`aerial-ops run`: a whole experiment."""

from pathlib import Path

import typer

from aerial_ops.cli import run_options as options
from aerial_ops.cli.infrastructure_options import Json, NoPrice, Yes, workers_of


def run(
    experiment: options.File,
    out: options.Out = None,
    workers: options.Workers = None,
    ttl: options.Ttl = None,
    max_cost: options.MaxCost = None,
    no_price: NoPrice = False,
    parallel: options.Parallel = None,
    resume: options.Resume = False,
    keep_on_failure: options.KeepOnFailure = None,
    if_busy: options.IfBusy = "wait",
    summary: options.Page = None,
    remove: options.Remove = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Run an experiment from beginning to end: images, cluster, trainings, comparison, map, report; then remove everything.

    Whatever happens, the cluster is removed: after an error, after Ctrl-C, and at the deadline by the cloud itself.
    """
    from aerial_ops.cli import running, session
    from aerial_ops.experiment.loading import load_experiment
    from aerial_ops.experiment.run import RunOrder

    cluster = {"workers": workers_of(workers), "ttl": ttl, "max_cost": max_cost}
    plan = load_experiment(experiment).on(parallel=parallel, **cluster)
    order = RunOrder(experiment, out or Path("out") / plan.name, resume, if_busy, keep_on_failure, check_price=not no_price)
    doing = running.remove if remove else running.run
    raise typer.Exit(doing(session.Session(as_json, plan.settings), plan, order, page=summary, yes=yes))
