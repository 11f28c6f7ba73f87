"""`aerial-ops models quantise`."""

from typing import Annotated

import typer

from aerial_ops.cli.options import Json


def quantise(
    backbone: Annotated[str, typer.Argument(help="A network of `models list`.")] = "efficientnet-lite0",
    tiles: Annotated[int, typer.Option(min=16, help="Tiles of the container train to calibrate on.")] = 128,
    as_json: Json = False,
) -> None:
    """Make an 8-bit version of a network, calibrated on your own tiles: faster where processors have 8-bit instructions.

    It is called NAME-int8; train with it (--backbone NAME-int8), and compare: the accuracy may differ.
    """
    from aerial_ops.backbones.quantise import quantise as quantised
    from aerial_ops.cli.session import Session

    here = Session(as_json)
    made, likeness = quantised(here.store, backbone, tiles, here.out)
    words = f"{made.name} is in the account. Its features are like the original's: cosine {likeness:.3f}."
    here.out.result({**made.model_dump(mode="json"), "cosine": likeness}, words)
