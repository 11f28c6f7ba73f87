"""The list of commands, in the order in which a newcomer meets them."""

import typer


def register(app: typer.Typer) -> None:
    """Add every command to `app`."""
    from aerial_ops.cli import data, emulator, runs, sync

    app.add_typer(emulator.app, name="emulator")
    app.add_typer(data.app, name="data")
    app.add_typer(runs.app, name="runs")
    app.command()(sync.sync)
