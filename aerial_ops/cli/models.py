"""`aerial-ops models`: the networks that make features of tiles, and trained models."""

import typer

from aerial_ops.cli.models_fetch import fetch
from aerial_ops.cli.models_import import import_
from aerial_ops.cli.models_list import list_models
from aerial_ops.cli.models_quantise import quantise
from aerial_ops.cli.models_verify import verify

app = typer.Typer(no_args_is_help=True, help="Look after networks: list, fetch, verify, quantise, import.", rich_markup_mode=None)
app.command("list")(list_models)
app.command()(fetch)
app.command()(verify)
app.command()(quantise)
app.command("import")(import_)
