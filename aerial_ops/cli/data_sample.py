"""`aerial-ops data sample`: a labelled set and a small county made by procedure."""

from pathlib import Path
from typing import Annotated

import typer

from aerial_ops.cli.options import Json


def sample(
    out: Annotated[Path, typer.Argument(help="New or empty folder; a folder with an unfinished sample is finished.")],
    train_per_class: Annotated[int, typer.Option(min=1, help="Training tiles of each of the six classes.")] = 60,
    test_per_class: Annotated[int, typer.Option(min=1, help="Test tiles of each class.")] = 30,
    county: Annotated[str, typer.Option(metavar="ROWSxCOLUMNS", help="Size of the county in tiles.")] = "20x28",
    seed: Annotated[int, typer.Option(min=0, help="Another seed makes other pictures.")] = 0,
    processes: Annotated[int | None, typer.Option(min=1, help="Processes (default: one per core).")] = None,
    as_json: Json = False,
) -> None:
    """Make a labelled set and a small county to try the kit with: no download, the same bytes for the same seed."""
    from aerial_ops.cli.amounts import bytes_text
    from aerial_ops.cli.output import Output
    from aerial_ops.datasets.sample import SampleParameters, grid_size, make_sample

    rows, columns = grid_size(county)
    parameters = SampleParameters(train_per_class, test_per_class, rows, columns, seed)
    output = Output(as_json)
    made = make_sample(out, parameters, reporter=output, processes=processes)
    what = f"{made.train} training, {made.test} test and {made.county} county tiles, {bytes_text(made.bytes)}"
    said = f"Made {made.made} tiles in {out}" if made.made else f"Nothing to do: {out} is complete"
    output.result(made.as_dict(), f"{said} ({what}).")
