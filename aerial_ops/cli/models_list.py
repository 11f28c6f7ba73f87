"""`aerial-ops models list`."""

from aerial_ops.cli.options import Json


def list_models(as_json: Json = False) -> None:
    """List the networks of the catalogue and of the account, and the trained models."""
    from aerial_ops.backbones.listing import listing
    from aerial_ops.cli import show_models
    from aerial_ops.cli.session import Session

    here = Session(as_json)
    show_models.listing(here.out, listing(here.store))
