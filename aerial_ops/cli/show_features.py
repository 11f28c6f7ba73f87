"""How the feature cache looks to a person; the same data as JSON."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aerial_ops.cli.output import Output

if TYPE_CHECKING:
    from aerial_ops.jobs.features import CachedFeatures


def listing(out: Output, found: "Sequence[CachedFeatures]") -> None:
    """A line for each folder."""
    if not found:
        out.note("No features are kept. Jobs keep them: aerial-ops train --name NAME")
    _table(out, found)


def pruned(out: Output, removed: "Sequence[CachedFeatures]") -> None:
    """What was removed."""
    freed = sum(each.bytes for each in removed) / 1e6
    out.note(f"Removed {freed:,.1f} MB." if removed else "Nothing to remove: every kept feature can be used.")
    _table(out, removed)


def _table(out: Output, found: "Sequence[CachedFeatures]") -> None:
    rows = [
        (each.folder, each.state, f"{each.tiles:,}", each.parts, f"{each.bytes / 1e6:,.1f}", f"{each.newest:%Y-%m-%d %H:%M}")
        for each in found
    ]
    columns = ("Features", "State", "Tiles", "Parts", "MB", "Newest")
    right = ("Tiles", "Parts", "MB")
    out.result([each.as_dict() for each in found], lambda: out.table(columns, rows, right=right) if rows else None)
