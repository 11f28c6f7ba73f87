"""Options of the commands that run jobs."""

from typing import Annotated, Literal

import typer

from aerial_ops.cli.options import Json
from aerial_ops.names import checked_name as _checked_name


def checked_name(name: str) -> str:
    """The name itself, refused before anything is connected when it cannot be one."""
    return _checked_name(name)


ClassifierKind = Literal["random-forest", "logistic-regression", "lightgbm"]
CLASSIFIER = "What is fitted to the features; lightgbm takes SynapseML on the cluster."
Name = Annotated[str, typer.Option(help="The model's name: letters, digits, - and _.", callback=checked_name)]
Backbone = Annotated[str, typer.Option(help="A network of `models list`, or the path of an ONNX file.")]
SampleFraction = Annotated[float, typer.Option(min=0.000001, max=1.0, help="Use this share of the images; no others are read.")]
Seed = Annotated[int, typer.Option(help="Chooses the sample.")]
MaxRejected = Annotated[
    float, typer.Option(min=0.0, max=1.0, help="Fail when more than this share of the images cannot be read.")
]
Engine = Annotated[
    Literal["onnxruntime", "synapseml"],
    typer.Option(
        help="What computes features: ONNX Runtime in Python, or SynapseML where workers have no Python packages (slower)."
    ),
]
NoCache = Annotated[bool, typer.Option("--no-cache", help="Compute all features anew, and keep none.")]

__all__ = [
    "CLASSIFIER",
    "Backbone",
    "ClassifierKind",
    "Engine",
    "Json",
    "MaxRejected",
    "Name",
    "NoCache",
    "SampleFraction",
    "Seed",
]
