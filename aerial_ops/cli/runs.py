"""`aerial-ops runs`: the history of trainings and scorings."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from aerial_ops.cli.options import Json

if TYPE_CHECKING:
    from aerial_ops.cli.run_views import RunViews

app = typer.Typer(no_args_is_help=True, help="Look at past runs; they stay when the cluster is gone.", rich_markup_mode=None)
MetricName = Annotated[Literal["accuracy", "macro_f1", "kappa", "groups"], typer.Option(help="What counts as best.")]


@app.command("list")
def list_runs(
    kind: Annotated[Literal["train", "score", "calibrate"] | None, typer.Option(help="Only these.")] = None,
    name: Annotated[str | None, typer.Option(help="Only runs of this model.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 50,
    everything: Annotated[bool, typer.Option("--all", help="All of them; thousands take seconds.")] = False,
    as_json: Json = False,
) -> None:
    """List runs, newest first."""
    _views(as_json).list(kind, name, None if everything else limit)


@app.command()
def show(run: Annotated[str, typer.Argument(help="A run id, or a model's name.")], as_json: Json = False) -> None:
    """Show everything about one run."""
    _views(as_json).show(run)


@app.command()
def compare(
    runs: Annotated[list[str] | None, typer.Argument(help="Run ids or model names.")] = None, as_json: Json = False
) -> None:
    """Put runs side by side; without names, the newest training of every model."""
    _views(as_json).compare(runs or [])


@app.command()
def best(metric: MetricName = "accuracy", as_json: Json = False) -> None:
    """Name the best among the newest trainings of each model."""
    _views(as_json).best(metric)


def _views(as_json: bool) -> "RunViews":
    from aerial_ops.cli.run_views import RunViews
    from aerial_ops.cli.session import Session
    from aerial_ops.runs.history import History

    here = Session(as_json)
    return RunViews(History(here.store, here.out), here.out)
