"""Options about a network of the user's own, shared by fetch and import."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from aerial_ops.backbones.sources import NetworkOptions

Side = Annotated[int | None, typer.Option(min=1, help="Width and height of its images, where the network leaves them open.")]
Channels = Annotated[str | None, typer.Option(help="Its channel order: RGB (default) or BGR.")]
Scale = Annotated[str | None, typer.Option(help="Factor for values from 0 to 255 (default: 1/255).")]
Mean = Annotated[str | None, typer.Option(help="Then subtracted, per channel (default: 0.485,0.456,0.406).")]
Deviation = Annotated[str | None, typer.Option(help="Then divided by, per channel (default: 0.229,0.224,0.225).")]


def network_options(
    output: str, side: int | None, channels: str | None, scale: str | None, mean: str | None, deviation: str | None
) -> "NetworkOptions":
    """The options as the backbones know them."""
    from aerial_ops.backbones.preprocessing import parse
    from aerial_ops.backbones.sources import NetworkOptions

    return NetworkOptions(output, side or 0, parse(channels, scale, mean, deviation))
