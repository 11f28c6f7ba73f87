"""Options of `aerial-ops export`."""

from pathlib import Path
from typing import Annotated

import typer

from aerial_ops.analysis.export.formats import Format

Formats = Annotated[list[Format] | None, typer.Option("--format", help="Repeatable (default: all three).")]
Out = Annotated[Path | None, typer.Option(metavar="FOLDER", help="Folder to write to (default: a folder of the model's name).")]
Merged = Annotated[bool, typer.Option("--merged", help="In GeoJSON, merge neighbouring tiles of one class.")]
Older = Annotated[
    Path | None,
    typer.Option(
        "--older", metavar="FILE", help="Older labels: CSV (filename,label) or a GeoTIFF of codes (default: those in storage)."
    ),
]
Classes = Annotated[
    Path | None, typer.Option(metavar="TOML", help="Which codes of that GeoTIFF are which class (default: those of NLCD).")
]
