"""`aerial-ops emulator`: the cloud on this machine."""

import typer

from aerial_ops.cli.options import Json

app = typer.Typer(no_args_is_help=True, help="Start, see and stop the cloud on this machine.", rich_markup_mode=None)


@app.command()
def start(as_json: Json = False) -> None:
    """Start what does not run yet: blob storage, Livy with Spark, the gateway."""
    from aerial_ops.cli import session, show_emulator
    from aerial_ops.emulator import lifecycle

    here = session.Session(as_json)
    lifecycle.start(show_emulator.folder(here), report=here.out)
    show_emulator.status(here)


@app.command()
def status(as_json: Json = False) -> None:
    """Show what runs, at which address, and where its log is."""
    from aerial_ops.cli import session, show_emulator

    show_emulator.status(session.Session(as_json))


@app.command()
def stop(as_json: Json = False) -> None:
    """Stop it with all its jobs; its data stays."""
    from aerial_ops.cli import session, show_emulator
    from aerial_ops.emulator import lifecycle

    here = session.Session(as_json)
    lifecycle.stop(show_emulator.folder(here), report=here.out)
    show_emulator.status(here)
