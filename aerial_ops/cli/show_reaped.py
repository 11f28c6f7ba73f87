"""How the reaper's work looks to a person."""

from typing import TYPE_CHECKING

from aerial_ops.cli.output import Output

if TYPE_CHECKING:
    from aerial_ops.infrastructure.reap import Reaped


def reaped(out: Output, done: "Reaped") -> None:
    """A line for each environment that carries the tags, and what became of it."""
    columns = ("Environment", "Deadline (UTC)", "Exist", "To go" if done.dry_run else "Removed", "Why")

    def show() -> None:
        if not done.found:
            out.line("Nothing carries the tag of an environment.")
            return
        rows = [
            (one.name, f"{one.deadline:%Y-%m-%d %H:%M}" if one.deadline else "none", len(one.found), len(one.goes), one.why)
            for one in done.found
        ]
        out.table(columns, rows, right=("Exist", "To go", "Removed"))
        if done.dry_run:
            out.line("Nothing was changed.")

    out.result(done.as_dict(), show)
