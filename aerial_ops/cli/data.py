"""`aerial-ops data`: image sets, generated or from imagery."""

import typer

from aerial_ops.cli.data_build import build
from aerial_ops.cli.data_sample import sample

app = typer.Typer(no_args_is_help=True, help="Make image sets: a generated sample, or sets from aerial imagery.")
app.command()(sample)
app.command()(build)
