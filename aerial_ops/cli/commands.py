"""The list of commands, in the order in which a newcomer meets them."""

import typer


def register(app: typer.Typer) -> None:
    """Add every command to `app`."""
    from aerial_ops.cli import (
        cost,
        data,
        doctor,
        down,
        download,
        emulator,
        env,
        extend,
        jobs,
        models,
        reap,
        report,
        run,
        runs,
        scale,
        score,
        status,
        sync,
        train,
        up,
    )

    app.command()(run.run)
    app.command()(doctor.doctor)
    app.command()(up.up)
    app.command()(status.status)
    app.command()(scale.scale)
    app.command()(extend.extend)
    app.command()(cost.cost)
    app.command()(down.down)
    app.command()(reap.reap)
    app.add_typer(env.app, name="env")
    app.add_typer(emulator.app, name="emulator")
    app.add_typer(data.app, name="data")
    app.command()(sync.sync)
    app.add_typer(models.app, name="models")
    app.command()(train.train)
    app.command()(score.score)
    app.add_typer(jobs.app, name="jobs")
    app.add_typer(runs.app, name="runs")
    app.command()(report.report)
    app.command()(download.download)
