"""`aerial-ops download`: a model's results as files."""

from pathlib import Path
from typing import Annotated

import typer

from aerial_ops.cli.options import Json


def download(
    name: Annotated[str, typer.Argument(help="The model's name.")],
    out: Annotated[Path | None, typer.Option(help="Folder to write to (default: a folder of the model's name).")] = None,
    as_json: Json = False,
) -> None:
    """Download a model's predictions (CSV and Parquet), the tiles' places, rejected images, model.info and run records."""
    from aerial_ops.cli import session
    from aerial_ops.names import checked_name
    from aerial_ops.runs.download import download_results

    here = session.Session(as_json)
    files = download_results(here.store, checked_name(name), out or Path(name), here.out)
    here.out.result({"files": [str(file) for file in files]}, "\n".join(str(file) for file in files))
