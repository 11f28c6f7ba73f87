"""`aerial-ops run`: a whole experiment."""

from pathlib import Path

import typer

from aerial_ops.cli.infrastructure_options import Json, MaxCost, NoPrice, Ttl, Workers, Yes
from aerial_ops.cli.run_options import File, IfBusy, Out, Page, Remove, Resume


def run(
    experiment: File,
    out: Out = None,
    workers: Workers = None,
    ttl: Ttl = None,
    max_cost: MaxCost = None,
    no_price: NoPrice = False,
    resume: Resume = False,
    if_busy: IfBusy = "wait",
    summary: Page = None,
    remove: Remove = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Run an experiment from beginning to end: images, cluster, trainings, comparison, map, report; then remove everything.

    Whatever happens, the cluster is removed: after an error, after Ctrl-C, and at the deadline by the cloud itself.
    """
    from aerial_ops.cli import asking, session, show_outcome
    from aerial_ops.experiment.loading import load_experiment
    from aerial_ops.experiment.run import RunOrder, remove_experiment, run_experiment
    from aerial_ops.experiment.summary import Summary

    here, plan = session.Session(as_json), load_experiment(experiment).on(workers=workers, ttl=ttl, max_cost=max_cost)
    order = RunOrder(experiment, out or Path("out") / plan.name, resume, if_busy, check_price=not no_price)
    told = Summary(summary, plan.name)
    approve = told.noting(asking.asker(here.out, yes))
    if remove:
        with here.out, told.running("Remove"):
            show_outcome.left(here.out, told.removed(remove_experiment(plan, here.settings, order, approve, here.out)))
        return
    with here.out, told.running("Run"):
        done = told.outcome(run_experiment(plan, here.settings, order, approve, here.out))
        show_outcome.outcome(here.out, done)
    raise typer.Exit(done.exit_code)
