"""`aerial-ops models import`."""

from pathlib import Path
from typing import Annotated

import typer

from aerial_ops.cli.models_options import Channels, Deviation, Mean, Scale, Side, network_options
from aerial_ops.cli.options import Json


def import_(
    name: Annotated[str, typer.Argument(help="The model's name.")],
    file: Annotated[Path, typer.Argument(help="The retrained network, an ONNX file.")],
    labels: Annotated[Path, typer.Option(help="labels_to_inds.tsv: a label, a tab and its index on each line.")],
    output: Annotated[str, typer.Option(help="Its output with a score per class (default: the only one).")] = "",
    side: Side = None,
    channels: Channels = None,
    scale: Scale = None,
    mean: Mean = None,
    deviation: Deviation = None,
    pretrained: Annotated[str, typer.Option(help="What it was before, such as resnet18; for model.info.")] = "unknown",
    retraining: Annotated[str, typer.Option(help="What was retrained, such as last_only; for model.info.")] = "unknown",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a model of this name.")] = False,
    as_json: Json = False,
) -> None:
    """Put a network that was retrained elsewhere into the account as a model that scores tiles, after checking it."""
    from aerial_ops.backbones.retrained import import_model
    from aerial_ops.cli import show_models
    from aerial_ops.cli.session import Session

    here, origin = Session(as_json), {"pretrained_model_type": pretrained, "retraining_type": retraining}
    options = network_options(output, side, channels, scale, mean, deviation)
    done = import_model(here.store, name, file, labels, options=options, overwrite=overwrite, report=here.out, **origin)
    show_models.descriptions(here.out, [done])
