"""`aerial-ops report`: one HTML file about a model."""

from pathlib import Path
from typing import Annotated

import typer

from aerial_ops.cli.options import Json


def report(
    name: Annotated[str, typer.Argument(help="The model's name.")],
    out: Annotated[Path | None, typer.Option(help="The file to write (default: reports/NAME.html in the home folder).")] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    as_json: Json = False,
) -> None:
    """Write a report on a model: how good it is, how it compares, the land-use map. Needs storage only, no cluster."""
    from aerial_ops.analysis.report import write_report
    from aerial_ops.cli.session import Session
    from aerial_ops.names import checked_name

    here = Session(as_json)
    path = out or here.settings.home / "reports" / f"{checked_name(name)}.html"
    told = write_report(here.store, checked_name(name), path, here.out)
    for note in told["notes"]:
        here.out.note(note)
    here.out.result(told, f"The report is in {path}")
    if open_it:
        typer.launch(path.resolve().as_uri())
