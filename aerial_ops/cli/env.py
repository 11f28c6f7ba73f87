"""`aerial-ops env`: environments by name, side by side."""

from typing import Annotated

import typer

from aerial_ops.cli.options import Json

app = typer.Typer(
    no_args_is_help=True, help="List environments, and choose the one that commands work on.", rich_markup_mode=None
)


@app.command("list")
def list_environments(as_json: Json = False) -> None:
    """List the environments that this machine knows; no cloud is asked."""
    from aerial_ops.cli import session, show_environment

    here = session.Session(as_json)
    show_environment.environments(here.out, here.settings)


@app.command()
def use(name: Annotated[str, typer.Argument(help="Its name; it need not exist yet.")], as_json: Json = False) -> None:
    """Choose the environment for commands without --env (and without AERIAL_OPS_ENVIRONMENT or a setting in the file)."""
    from aerial_ops.cli import session
    from aerial_ops.infrastructure.environments import Environment, choose

    here = session.Session(as_json)
    choose(Environment(name, here.settings.home))
    here.out.result({"environment": name}, f"Commands now work on the environment {name}.")
