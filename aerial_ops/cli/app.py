"""The application: maps errors to exit codes. Commands are imported, and import their logic, when they run."""

import signal
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from aerial_ops import __version__
from aerial_ops.cli.commands import Commands
from aerial_ops.hangup import counts, endings

EPILOG = (
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by a guard, 4 something may still exist in the cloud, "
    "5 a job failed, 130 interrupted. Data goes to stdout, everything else to stderr."
)

app = typer.Typer(
    name="aerial-ops",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog=EPILOG,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
flags: dict[str, object] = {}
_verbose = False


def _version(value: bool) -> None:
    if value:
        typer.echo(f"aerial-ops {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    cloud: Annotated[Literal["azure", "emulator"] | None, typer.Option(help="Where to work (default: emulator).")] = None,
    home: Annotated[Path | None, typer.Option(help="Folder for state, logs and reports (default: .aerial-ops).")] = None,
    env: Annotated[str | None, typer.Option("--env", help="Name of the environment (default: default).")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file (default: aerial-ops.toml, if there).")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show each resource, and the cause of an error.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """Classify the land use of aerial images on a Spark cluster that is gone when the work is done.

    Begin with `aerial-ops new my.toml` and `aerial-ops run my.toml`: on the emulator, the default, it costs nothing.
    """
    global _verbose  # noqa: PLW0603 - read by main() after Typer has returned, and by is_verbose()
    _verbose = verbose
    flags.update(cloud=cloud, home=home, environment=env, config=config)


def is_verbose() -> bool:
    """Whether --verbose was given."""
    return _verbose


def main() -> None:
    """Run the command line; every error ends in a sentence and its exit code, and so do Ctrl-C, SIGTERM and SIGHUP."""
    from aerial_ops.cli.failures import INTERRUPTED, exit_code_of, say_interrupted

    for number in endings():
        signal.signal(number, _interrupt)
    try:
        app()
    except SystemExit as ending:
        _hear_no_more()
        if ending.code == INTERRUPTED:  # Typer has caught Ctrl-C and says nothing
            say_interrupted()
        raise
    except BaseException as error:
        _hear_no_more()
        sys.exit(exit_code_of(error, verbose=_verbose))


def _interrupt(number: int, _: object) -> None:
    if counts(number):
        raise KeyboardInterrupt


def _hear_no_more() -> None:
    """How the command has ended is known: a signal while the program leaves must not take the words or the exit code away."""
    for number in endings():
        signal.signal(number, signal.SIG_IGN)
