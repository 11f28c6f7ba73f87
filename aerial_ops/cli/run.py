"""`aerial-ops run`: a whole experiment."""

from pathlib import Path
from typing import Annotated

import typer

from aerial_ops.cli.options import Json


def run(
    experiment: Annotated[Path, typer.Argument(help="The experiment file; examples are in the folder experiments.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the report (default: out/EXPERIMENT).")] = None,
    as_json: Json = False,
) -> None:
    """Run an experiment from beginning to end: images, trainings, comparison, map, report; then stop everything.

    Whatever happens, nothing runs afterwards: not after an error, and not after Ctrl-C.
    """
    from aerial_ops.cli import session, show
    from aerial_ops.experiment.plan import load_experiment
    from aerial_ops.experiment.run import run_experiment

    here = session.Session(as_json)
    plan = load_experiment(experiment)
    outcome = run_experiment(plan, here.settings, out or Path("out") / plan.name, base=experiment.parent, report=here.out)
    show.outcome(here.out, outcome)
