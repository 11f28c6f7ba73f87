"""The list of commands, in the order in which a newcomer meets them."""

import typer


def register(app: typer.Typer) -> None:
    """Add every command to `app`."""
    from aerial_ops.cli import data, emulator, jobs, models, report, run, runs, score, sync, train

    app.command()(run.run)
    app.add_typer(emulator.app, name="emulator")
    app.add_typer(data.app, name="data")
    app.command()(sync.sync)
    app.add_typer(models.app, name="models")
    app.command()(train.train)
    app.command()(score.score)
    app.add_typer(jobs.app, name="jobs")
    app.add_typer(runs.app, name="runs")
    app.command()(report.report)
