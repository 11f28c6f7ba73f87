"""`aerial-ops report`: what a model is worth, as one file."""

from typing import Annotated

import typer

from aerial_ops.cli.options import Json
from aerial_ops.cli.report_options import Form, From, Open, Out


def report(
    name: Annotated[str, typer.Argument(help="The model's name.")],
    out: Out = None,
    form: Form = None,
    folder: From = None,
    open_it: Open = False,
    as_json: Json = False,
) -> None:
    """Write a report on a model: how good it is, how it compares, the land-use map. Needs storage only, no cluster."""
    from aerial_ops.analysis.report import form_of, write_report
    from aerial_ops.cli.session import Session
    from aerial_ops.names import checked_name

    here = Session(as_json)
    chosen = form_of(form, out)
    path = out or here.settings.home / "reports" / f"{checked_name(name)}.{chosen}"
    told = write_report(folder or here.store, checked_name(name), path, here.out, chosen)
    for note in told["notes"]:
        here.out.note(note)
    here.out.result(told, f"The report is in {path}")
    if open_it:
        typer.launch(path.resolve().as_uri())
