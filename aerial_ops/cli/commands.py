"""The list of commands, in the order in which a newcomer meets them. A command's module is imported when it is run."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.main import get_group

from aerial_ops.cli.group import Group

LINES = {
    "run": "A whole experiment, from images to report; then all is removed.",
    "new": "Write an experiment file to begin with.",
    "doctor": "Check tools, sign-in, quota, names and price.",
    "estimate": "Time and price of an experiment, before anything is rented.",
    "up": "Make the environment: storage, deadline, Spark cluster.",
    "status": "What exists, what it has cost, when it goes.",
    "scale": "Change the number of workers.",
    "extend": "Move the deadline.",
    "cost": "What it costs an hour, so far, until the deadline.",
    "down": "Remove everything, and prove it.",
    "reap": "Remove what is past its deadline, by its tags.",
    "env": "List environments, and choose the one that commands work on.",
    "emulator": "Start, see and stop the cloud on this machine.",
    "data": "Make image sets: a generated sample, or sets from aerial imagery.",
    "sync": "Bring the images into the storage account.",
    "models": "Look after networks: list, fetch, verify, quantise, import.",
    "train": "Train a model on the cluster.",
    "score": "Classify the county's tiles on the cluster.",
    "features": "Look after the features that jobs have kept.",
    "calibrate": "Measure how fast a core of the cluster works, for estimates.",
    "jobs": "See, follow and end the jobs on the cluster.",
    "runs": "Look at past runs; they stay when the cluster is gone.",
    "report": "One HTML file: map, accuracy, comparison.",
    "download": "A model's predictions and records as files.",
    "export": "The map as CSV, GeoJSON and GeoTIFF, for QGIS.",
}


class Commands(Group):
    """The root group. Its list of commands is there without importing one of them."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Loaded()  # type: ignore[assignment]

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """All names."""
        return list(LINES)

    def format_commands(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]
        """The list under --help."""
        with formatter.section("Commands"):
            formatter.write_dl(list(LINES.items()))


class _Loaded(Mapping[str, Any]):
    """The commands by name, each imported when it is asked for."""

    def __getitem__(self, name: str) -> Any:
        if name not in LINES:
            raise KeyError(name)
        return load(name)

    def __iter__(self) -> Iterator[str]:
        return iter(LINES)

    def __len__(self) -> int:
        return len(LINES)


def load(name: str) -> Any:
    """The command, or the group of commands, that is in the module of its name."""
    module = import_module(f"aerial_ops.cli.{name}")
    around = typer.Typer(rich_markup_mode=None)
    if hasattr(module, "app"):
        around.add_typer(module.app, name=name, cls=Group)
    else:
        around.command(name, short_help=LINES[name])(getattr(module, name))
    return get_group(around).commands[name]
