"""`aerial-ops run`: a whole experiment."""

from pathlib import Path
from typing import Annotated

import typer

from aerial_ops.cli.infrastructure_options import Json, Yes


def run(
    experiment: Annotated[Path, typer.Argument(help="The experiment file; examples are in the folder experiments.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the report (default: out/EXPERIMENT).")] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Run an experiment from beginning to end: images, cluster, trainings, comparison, map, report; then remove everything.

    Whatever happens, the cluster is removed: after an error, after Ctrl-C, and at the deadline by the cloud itself.
    """
    from aerial_ops.cli import asking, session, show
    from aerial_ops.experiment.plan import load_experiment
    from aerial_ops.experiment.run import run_experiment

    here = session.Session(as_json)
    plan = load_experiment(experiment)
    place, approve = out or Path("out") / plan.name, asking.asker(here.out, yes)
    outcome = run_experiment(plan, here.settings, place, base=experiment.parent, approve=approve, report=here.out)
    show.outcome(here.out, outcome)
