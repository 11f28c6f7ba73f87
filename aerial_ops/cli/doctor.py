"""`aerial-ops doctor`: is everything in place?"""

from aerial_ops.cli.infrastructure_options import Json, Workers


def doctor(workers: Workers = None, as_json: Json = False) -> None:
    """Check tools, sign-in, subscription, quota, names and price before anything is made; each line says how to mend it."""
    import typer

    from aerial_ops.cli import session, show_environment
    from aerial_ops.infrastructure.doctor import examine

    here = session.Session(as_json)
    lines = examine(here.site, workers)
    show_environment.doctor(here.out, lines)
    if not all(line.right for line in lines):
        raise typer.Exit(1)
