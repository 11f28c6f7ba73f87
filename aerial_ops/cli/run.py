"""`aerial-ops run`: a whole experiment."""

from pathlib import Path
from typing import Annotated

import typer

from aerial_ops.cli.infrastructure_options import Json, MaxCost, Ttl, Workers, Yes


def run(
    experiment: Annotated[Path, typer.Argument(help="The experiment file; examples are in the folder experiments.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the report (default: out/EXPERIMENT).")] = None,
    workers: Workers = None,
    ttl: Ttl = None,
    max_cost: MaxCost = None,
    summary: Annotated[Path | None, typer.Option(help="Append price and result to this file, as Markdown.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Run nothing; remove what an earlier run has left.")] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Run an experiment from beginning to end: images, cluster, trainings, comparison, map, report; then remove everything.

    Whatever happens, the cluster is removed: after an error, after Ctrl-C, and at the deadline by the cloud itself.
    """
    from aerial_ops.cli import asking, session, show
    from aerial_ops.experiment.loading import load_experiment
    from aerial_ops.experiment.run import remove_experiment, run_experiment
    from aerial_ops.experiment.summary import Summary

    here, plan = session.Session(as_json), load_experiment(experiment).on(workers=workers, ttl=ttl, max_cost=max_cost)
    told = Summary(summary, plan.name)
    place, approve = out or Path("out") / plan.name, told.noting(asking.asker(here.out, yes))
    with told.running("Remove" if remove else "Run"):
        if remove:
            show.left(here.out, told.removed(remove_experiment(plan, here.settings, approve=approve, report=here.out)))
        else:
            done = run_experiment(plan, here.settings, place, base=experiment.parent, approve=approve, report=here.out)
            show.outcome(here.out, told.outcome(done))
