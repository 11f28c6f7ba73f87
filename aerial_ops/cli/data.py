"""`aerial-ops data`: image sets, made or cut."""

import typer

from aerial_ops.cli.data_sample import sample
from aerial_ops.cli.data_tiles import tiles

app = typer.Typer(no_args_is_help=True, help="Make image sets: a generated sample, or tiles cut from imagery.")
app.command()(sample)
app.command()(tiles)
