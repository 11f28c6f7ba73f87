"""Options of `aerial-ops run`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

File = Annotated[Path, typer.Argument(help="The experiment file; `aerial-ops new` writes one, examples are in experiments/.")]
Out = Annotated[Path | None, typer.Option(help="Folder for the report (default: out/EXPERIMENT).")]
Workers = Annotated[
    str | None,
    typer.Option(metavar="N|auto", help="Worker nodes; auto: as many as quota and budget allow (default: the file's)."),
]
Ttl = Annotated[
    str | None, typer.Option(metavar="TIME", help="How long it may live from now, such as 90m, 4h, 1d (default: the file's).")
]
MaxCost = Annotated[
    float | None,
    typer.Option(min=0.01, metavar="USD", help="Refuse what would cost more until the deadline (default: the file's)."),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where the last run stopped; what it has reached stays.")]
IfBusy = Annotated[
    Literal["wait", "refuse"],
    typer.Option(help="While another run of the experiment is at work: wait for its end, or end."),
]
KeepOnFailure = Annotated[
    str | None,
    typer.Option(
        metavar="TIME", help="After a failure, leave the cluster so long for a look at it, such as 30m (default: it goes)."
    ),
]
Parallel = Annotated[int | None, typer.Option(min=1, metavar="N", help="Trainings at a time (default: as the cluster has room).")]
Page = Annotated[Path | None, typer.Option(help="Append price and result to this file, as Markdown.")]
Remove = Annotated[bool, typer.Option("--remove", help="Run nothing; remove what an earlier run has left.")]
