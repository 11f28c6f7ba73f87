"""Options of `aerial-ops report`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Name = Annotated[str | None, typer.Argument(help="The model's name.")]
Compare = Annotated[
    tuple[str, str] | None,
    typer.Option(help="Compare two models instead, or two years of one: NAME@2009 NAME@2018.", metavar="A B"),
]
Out = Annotated[Path | None, typer.Option(help="The file to write (default: reports/NAME.FORMAT in the home folder).")]
Form = Annotated[
    Literal["html", "pdf", "ipynb", "json"] | None,
    typer.Option("--format", help="Page, print, notebook or plain data (default: by the ending of --out, else html)."),
]
From = Annotated[
    Path | None,
    typer.Option("--from", metavar="FOLDER", help="Read a folder of `aerial-ops download`, not the storage account."),
]
Open = Annotated[bool, typer.Option("--open", help="Open it in the browser.")]
