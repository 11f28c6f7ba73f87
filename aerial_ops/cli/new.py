"""`aerial-ops new`: an experiment file to begin with."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from aerial_ops.cli.options import Json


def new(
    file: Annotated[Path, typer.Argument(help="The file to write; - writes to stdout.")] = Path("experiment.toml"),
    as_json: Json = False,
) -> None:
    """Write an experiment file with every key, explained; it runs as it is. Next: `aerial-ops run FILE`."""
    from aerial_ops.cli.output import Output
    from aerial_ops.experiment.template import template, write_template

    out = Output(as_json)
    if str(file) == "-":
        out.result({"template": template()}, template().rstrip())
    else:
        write_template(file)
        out.result({"file": str(file)}, f"{file} is an experiment. Edit it, then: aerial-ops run {shlex.quote(str(file))}")
