"""Write the tables of keys into docs/experiments.md, from the schema of the experiment file.

Usage: python scripts/experiment_docs.py [--check]
"""

import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from marked import cell, write_or_check
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from aerial_ops.experiment.plan import Cluster, Experiment, Grid, SampleImages, SceneTiles, Score, Source, Training

PAGE = Path(__file__).resolve().parents[1] / "docs" / "experiments.md"
TABLES: dict[str, type[BaseModel]] = {
    "The top of the file": Experiment,
    "`[cluster]`": Cluster,
    "`[score]`": Score,
    "`[source]`": Source,
    "`[source.sample]`": SampleImages,
    "`[source.scenes]`": SceneTiles,
    "`[[train]]`": Training,
    "`[[grid]]`": Grid,
}


def choices(annotation: Any) -> tuple[str, ...]:
    """The words that a key takes, where only some are allowed."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return next((found for inner in get_args(annotation) if (found := choices(inner))), ())


def toml(value: Any) -> str:
    """A default as TOML writes it; "" where there is none to show."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, str):
        return f'"{value}"'
    return str(value) if isinstance(value, (int, float)) else ""


def row(name: str, field: FieldInfo) -> str:
    """A key's line."""
    default = "required" if field.is_required() else f"`{shown}`" if (shown := toml(field.default)) else ""
    words = [word for word in choices(field.annotation) if word != "auto"]
    allowed = f" One of {', '.join(f'`{word}`' for word in words)}." if words else ""
    return f"| `{name}` | {default} | {cell(str(field.description))}{allowed} |"


def lines() -> list[str]:
    """All tables."""
    found = []
    for title, table in TABLES.items():
        found += [f"### {title}", "", "| Key | Default | Meaning |", "|---|---|---|"]
        found += [*(row(name, field) for name, field in table.model_fields.items()), ""]
    return found[:-1]


if __name__ == "__main__":
    sys.exit(write_or_check("experiment_docs.py", {PAGE: lines()}, sys.argv[1:]))
