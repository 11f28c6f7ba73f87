"""`aerial-ops jobs`: what runs on the cluster."""

from typing import Annotated

import typer

from aerial_ops.cli.options import Json

app = typer.Typer(no_args_is_help=True, help="See, follow and end the jobs on the cluster.", rich_markup_mode=None)
RunId = Annotated[str, typer.Argument(metavar="RUN", help="A run id, as `jobs list` shows it.")]


@app.command("list")
def list_jobs(as_json: Json = False) -> None:
    """List the runs without a record, and the jobs that the cluster still knows."""
    from aerial_ops.cli import session, show

    here = session.Session(as_json)
    show.jobs(here.out, here.jobs.list())


@app.command()
def settings(as_json: Json = False) -> None:
    """Print Spark's settings for a job on this cluster, each with its reason; they follow from the worker nodes."""
    from aerial_ops.cli import session, show

    here = session.Session(as_json)
    show.settings(here.out, here.jobs.settings())


@app.command()
def logs(run: RunId, as_json: Json = False) -> None:
    """Print a job's log; the cluster keeps it until ten minutes after the job's end."""
    from aerial_ops.cli import session

    here = session.Session(as_json)
    lines = here.jobs.log(run)
    here.out.result({"run_id": run, "log": lines}, "\n".join(lines))


@app.command()
def follow(run: RunId, as_json: Json = False) -> None:
    """Follow a job to its end and record it. Ctrl-C stops following, not the job."""
    from aerial_ops.cli import session, show

    here = session.Session(as_json)
    show.record(here.out, here.jobs.follow(run))


@app.command()
def kill(run: RunId, as_json: Json = False) -> None:
    """End a job and record that."""
    from aerial_ops.cli import session

    here = session.Session(as_json)
    killed = here.jobs.kill(run)
    here.out.result({"run_id": run, "killed": killed}, f"{run} was {'killed' if killed else 'not running'}.")
