"""Options of `aerial-ops report`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

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
