"""How a proposal is shown, and how the user allows it."""

import re
import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from aerial_ops.cli import app as application
from aerial_ops.cli.output import Output
from aerial_ops.errors import RefusedError, StoppedError

if TYPE_CHECKING:
    from aerial_ops.infrastructure.approval import Approve, Proposal
    from aerial_ops.infrastructure.terraform import Change

MARKS = {"create": "+", "delete": "-", "update": "~", "replace": "±"}
SUMMED_UP = {"create", "delete"}
MANY = 4
KINDS = {
    "resource_group": ("resource group", "resource groups"),
    "storage_account": ("storage account", "storage accounts"),
    "storage_container": ("container", "containers"),
    "hdinsight_spark_cluster": ("Spark cluster", "Spark clusters"),
    "consumption_budget_resource_group": ("budget", "budgets"),
    **dict.fromkeys(
        ("automation_account", "automation_runbook", "automation_schedule", "automation_job_schedule", "role_assignment"),
        ("part of the dead man's switch", "parts of the dead man's switch"),
    ),
}


def asker(out: Output, yes: bool) -> "Approve":
    """Shows what is about to happen, and asks; `yes` allows it beforehand. Without a terminal nobody is asked."""

    def approve(proposal: "Proposal") -> None:
        show(out, proposal, briefly=yes and not application.is_verbose())
        if yes:
            return
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise RefusedError(
                "This needs approval, and there is no terminal to ask on.",
                left="Nothing was changed.",
                suggestion="Allow it beforehand: --yes",
            )
        with out.without_board():
            allowed = _confirmed(proposal.title)
        if not allowed:
            raise RefusedError("It was not approved.", left="Nothing was changed.")

    return approve


def _confirmed(question: str) -> bool:
    """The user's answer; an end of input is a no. Raises StoppedError on Ctrl-C."""
    import typer

    try:
        return typer.confirm(question, default=False, err=True)
    except typer.Abort as abort:  # stands for both
        typer.echo(err=True)
        if isinstance(abort.__context__, EOFError):
            return False
        raise StoppedError("Interrupted at the question.", left="Nothing was changed.") from None


def show(out: Output, proposal: "Proposal", *, briefly: bool) -> None:
    """The proposal on stderr: what Terraform does (`briefly`: only kinds), what is removed besides, what it costs."""
    for line in _changes(sorted(proposal.changes, key=lambda change: change.address), briefly):
        out.note(f"  {line}")
    for found in proposal.found:
        out.note(f"  exists: {found.name} ({found.type})")
    for stranger in proposal.strangers:
        out.note(f"  not of this environment, stays: {stranger.id}")
    if proposal.rate and proposal.usd_until_deadline is not None:
        price = f"{proposal.rate.usd_per_hour:.2f} $/h ({proposal.rate.source} of {proposal.rate.listed_on})"
        out.note(f"Price: {price}; {proposal.usd_until_deadline:.2f} $ at most, until the deadline.")
    for note in proposal.notes:
        out.note(note)
    if proposal.deadline:
        out.note(f"Deadline: {proposal.deadline:%Y-%m-%d %H:%M} UTC, when the cloud itself removes it.")


def _changes(changes: Sequence["Change"], briefly: bool) -> list[str]:
    """A line for each change; briefly, one for all that are made, and one for all that are removed."""
    lines = []
    for action in dict.fromkeys(change.action for change in changes):
        alike = [change for change in changes if change.action == action]
        if briefly and action in SUMMED_UP and len(alike) >= MANY:
            lines.append(f"{MARKS[action]} {len(alike)} resources: {_kinds(alike)}")
        else:
            lines += [f"{MARKS.get(action, '?')} {change.address}" for change in alike]
    return lines


def _kinds(changes: Sequence["Change"]) -> str:
    """How many of each kind, such as 1 storage account, 9 containers."""
    counts = Counter(_kind(change.address) for change in changes)
    order = [*dict.fromkeys(KINDS.values()), *counts]
    found = sorted(counts.items(), key=lambda item: order.index(item[0]))
    return ", ".join(f"{count} {one if count == 1 else many}" for (one, many), count in found)


def _kind(address: str) -> tuple[str, str]:
    named = re.search(r"\bazurerm_(\w+)\.", address)
    name = named[1] if named else "other"
    return KINDS.get(name, (name.replace("_", " "), f"{name.replace('_', ' ')}s"))
