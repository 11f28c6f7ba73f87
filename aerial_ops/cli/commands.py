"""The list of commands, in the order in which a newcomer meets them."""

import typer

from aerial_ops.cli.group import Group


def register(app: typer.Typer) -> None:
    """Add every command to `app`."""
    from aerial_ops.cli import (
        calibrate,
        cost,
        data,
        doctor,
        down,
        download,
        emulator,
        env,
        estimate,
        export,
        extend,
        features,
        jobs,
        models,
        new,
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

    app.command(short_help="A whole experiment, from images to report; then all is removed.")(run.run)
    app.command(short_help="Write an experiment file to begin with.")(new.new)
    app.command(short_help="Check tools, sign-in, quota, names and price.")(doctor.doctor)
    app.command(short_help="Time and price of an experiment, before anything is rented.")(estimate.estimate)
    app.command(short_help="Make the environment: storage, deadline, Spark cluster.")(up.up)
    app.command(short_help="What exists, what it has cost, when it goes.")(status.status)
    app.command(short_help="Change the number of workers.")(scale.scale)
    app.command(short_help="Move the deadline.")(extend.extend)
    app.command(short_help="What it costs an hour, so far, until the deadline.")(cost.cost)
    app.command(short_help="Remove everything, and prove it.")(down.down)
    app.command(short_help="Remove what is past its deadline, by its tags.")(reap.reap)
    app.add_typer(env.app, name="env", cls=Group)
    app.add_typer(emulator.app, name="emulator", cls=Group)
    app.add_typer(data.app, name="data", cls=Group)
    app.command(short_help="Bring the images into the storage account.")(sync.sync)
    app.add_typer(models.app, name="models", cls=Group)
    app.command(short_help="Train a model on the cluster.")(train.train)
    app.command(short_help="Classify the county's tiles on the cluster.")(score.score)
    app.add_typer(features.app, name="features", cls=Group)
    app.command(short_help="Measure how fast a core of the cluster works, for estimates.")(calibrate.calibrate)
    app.add_typer(jobs.app, name="jobs", cls=Group)
    app.add_typer(runs.app, name="runs", cls=Group)
    app.command(short_help="One HTML file: map, accuracy, comparison.")(report.report)
    app.command(short_help="A model's predictions and records as files.")(download.download)
    app.command(short_help="The map as CSV, GeoJSON and GeoTIFF, for QGIS.")(export.export)
