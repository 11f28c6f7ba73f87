"""`aerial-ops emulator`: the cloud on this machine."""

from typing import Annotated, Literal

import typer

from aerial_ops.cli.options import Json

app = typer.Typer(no_args_is_help=True, help="Start, see and stop the cloud on this machine.", rich_markup_mode=None)
SPEED = "Emulated seconds in a real second (at first: 1). The cloud's clock runs ahead at more than 1."
PACE = "Divides how long the cloud takes for things, while its clock is right (at first: 600, a cluster in seconds; Azure: 1)."
PROVIDER = "Terraform's azurerm provider (at first: the stand-in; real is downloaded by terraform init)."
CORES = "Core quota of each region (at first: 300)."


@app.command()
def start(
    speed: Annotated[float | None, typer.Option(min=0.001, help=SPEED)] = None,
    pace: Annotated[float | None, typer.Option(min=0.001, help=PACE)] = None,
    cores: Annotated[int | None, typer.Option(min=0, help=CORES)] = None,
    provider: Annotated[Literal["stand-in", "real"] | None, typer.Option(help=PROVIDER)] = None,
    as_json: Json = False,
) -> None:
    """Start what does not run yet: the emulated Azure, and the storage accounts and clusters that exist in it.

    What is not given stays as it was. `aerial-ops up` starts it too, and makes a storage account and a cluster on it.
    """
    from aerial_ops.cli import session, show_emulator
    from aerial_ops.emulator.arm import lifecycle

    here = session.Session(as_json)
    lifecycle.start(show_emulator.folder(here), speed=speed, pace=pace, cores=cores, provider=provider, report=here.out)
    show_emulator.status(here)


@app.command()
def fetch(software: Annotated[Literal["synapseml"], typer.Argument(help="What to fetch.")], as_json: Json = False) -> None:
    """Fetch software that some jobs want into the cache, once: `--engine synapseml`, `--classifier lightgbm`."""
    from aerial_ops.cli import session
    from aerial_ops.emulator.jars import SYNAPSEML, ensure_jars
    from aerial_ops.emulator.toolchain import find_java

    here = session.Session(as_json)
    folder = ensure_jars(find_java(), here.out, SYNAPSEML)
    here.out.result({"folder": str(folder)}, f"{software} is in the cache.")


@app.command()
def status(as_json: Json = False) -> None:
    """Show every program, whether it answers, and where its log is."""
    from aerial_ops.cli import session, show_emulator

    show_emulator.status(session.Session(as_json))


@app.command()
def stop(as_json: Json = False) -> None:
    """Stop it with all its jobs; what exists in it stays, and runs again at the next start."""
    from aerial_ops.cli import session, show_emulator
    from aerial_ops.emulator.arm import lifecycle

    here = session.Session(as_json)
    lifecycle.stop(show_emulator.folder(here), report=here.out)
    show_emulator.status(here)
