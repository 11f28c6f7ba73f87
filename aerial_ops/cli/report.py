"""`aerial-ops report`: what a model is worth, or how two compare, as one file."""

import typer

from aerial_ops.cli.export_options import Classes, Older
from aerial_ops.cli.options import Json
from aerial_ops.cli.report_options import Compare, Form, From, Name, Open, Out


def report(
    name: Name = None,
    compare: Compare = None,
    out: Out = None,
    form: Form = None,
    older: Older = None,
    classes: Classes = None,
    folder: From = None,
    open_it: Open = False,
    as_json: Json = False,
) -> None:
    """Write a report on a model: how good it is, how it compares, the land-use map. Needs storage only, no cluster."""
    from aerial_ops.analysis.report import order_of, write
    from aerial_ops.cli.session import Session

    here = Session(as_json)
    order = order_of(name, compare, out, form, here.settings.home / "reports", older, classes)
    told = write(folder or here.store, order, here.out)
    for note in told["notes"]:
        here.out.note(note)
    here.out.result(told, f"The report is in {order.out}")
    if open_it:
        typer.launch(order.out.resolve().as_uri())
