"""`aerial-ops models verify`."""

from typing import Annotated

import typer

from aerial_ops.cli.options import Json


def verify(
    names: Annotated[list[str] | None, typer.Argument(help="Networks or models (default: all of the account).")] = None,
    as_json: Json = False,
) -> None:
    """Check that each network in the account is the one it claims to be, by SHA-256, and that it runs."""
    from aerial_ops.backbones import verification
    from aerial_ops.cli import show_models
    from aerial_ops.cli.session import Session

    here = Session(as_json)
    checks = verification.verify(here.store, names or [], here.out)
    show_models.checks(here.out, checks)
    verification.require_sound(checks)
