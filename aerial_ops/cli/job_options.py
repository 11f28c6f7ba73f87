"""Options of the commands that run jobs."""

from typing import Annotated, Literal

import typer

from aerial_ops.cli.options import Json

ClassifierKind = Literal["random-forest", "logistic-regression"]
Name = Annotated[str, typer.Option(help="The model's name: letters, digits, - and _.")]
SampleFraction = Annotated[float, typer.Option(min=0.000001, max=1.0, help="Use this share of the images; no others are read.")]
Seed = Annotated[int, typer.Option(help="Chooses the sample.")]
MaxRejected = Annotated[
    float, typer.Option(min=0.0, max=1.0, help="Fail when more than this share of the images cannot be read.")
]

__all__ = ["ClassifierKind", "Json", "MaxRejected", "Name", "SampleFraction", "Seed"]
