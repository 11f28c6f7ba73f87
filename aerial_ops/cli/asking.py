"""How a proposal is shown, and how the user allows it."""

import sys

from aerial_ops.cli.output import Output
from aerial_ops.errors import RefusedError
from aerial_ops.infrastructure.approval import Approve, Proposal

MARKS = {"create": "+", "delete": "-", "update": "~", "replace": "±"}


def asker(out: Output, yes: bool) -> Approve:
    """Shows what is about to happen, and asks; `yes` allows it beforehand. Without a terminal nobody is asked."""

    def approve(proposal: Proposal) -> None:
        show(out, proposal)
        if yes:
            return
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise RefusedError(
                "This needs approval, and there is no terminal to ask on.",
                left="Nothing was changed.",
                suggestion="Allow it beforehand: --yes",
            )
        import typer

        if not typer.confirm(proposal.title, default=False, err=True):
            raise RefusedError("It was not approved.", left="Nothing was changed.")

    return approve


def show(out: Output, proposal: Proposal) -> None:
    """The proposal on stderr: what Terraform does, what is removed besides, what it costs."""
    for change in sorted(proposal.changes, key=lambda change: change.address):
        out.note(f"  {MARKS.get(change.action, '?')} {change.address}")
    for found in proposal.found:
        out.note(f"  exists: {found.name} ({found.type})")
    for stranger in proposal.strangers:
        out.note(f"  not of this environment, stays: {stranger.id}")
    if proposal.rate and proposal.usd_until_deadline is not None:
        price = f"{proposal.rate.usd_per_hour:.2f} $/h ({proposal.rate.source} of {proposal.rate.listed_on})"
        out.note(f"Price: {price}; {proposal.usd_until_deadline:.2f} $ at most, until the deadline.")
    if proposal.deadline:
        out.note(f"Deadline: {proposal.deadline:%Y-%m-%d %H:%M} UTC, when the cloud itself removes it.")
