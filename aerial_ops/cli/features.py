"""`aerial-ops features`: the features that jobs have kept."""

from typing import Annotated

import typer

from aerial_ops.cli.options import Json

app = typer.Typer(no_args_is_help=True, help="Look after the features that jobs have kept.", rich_markup_mode=None)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the kept features of each network, and whether a network of the account still makes them."""
    from aerial_ops.cli import session, show_features
    from aerial_ops.jobs.features import list_features

    here = session.Session(as_json)
    show_features.listing(here.out, list_features(here.store))


@app.command()
def prune(
    backbone: Annotated[str, typer.Argument(help="Remove all features of this network.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Remove the features of all networks.")] = False,
    as_json: Json = False,
) -> None:
    """Remove features that no network of the account makes any more. Jobs compute again what they miss."""
    from aerial_ops.cli import session, show_features
    from aerial_ops.jobs.features import prune_features

    here = session.Session(as_json)
    show_features.pruned(here.out, prune_features(here.store, backbone, everything))
