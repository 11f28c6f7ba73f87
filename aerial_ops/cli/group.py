"""Groups of commands whose list is never cut in the middle of a sentence."""

import re

import typer
from typer.core import TyperGroup

LONGEST = 64


class Group(TyperGroup):
    """A group that lists each command with its first sentence, or with as many clauses of it as fit on a line."""

    def get_command(self, ctx: typer.Context, cmd_name: str) -> object:  # type: ignore[override]
        """The command of that name, None when there is none."""
        command = super().get_command(ctx, cmd_name)
        if command is not None and not command.short_help and command.help:
            command.short_help = first_clauses(command.help)
        return command


def first_clauses(text: str) -> str:
    """The first sentence of `text`; when it is too long, without what is behind its semicolons, colons, brackets, commas."""
    sentence = re.split(r"\.(?:\s|$)", " ".join(text.partition("\n\n")[0].split()), maxsplit=1)[0]
    for mark in (";", ":", " (", ","):
        while len(sentence) > LONGEST and mark in sentence:
            sentence = sentence.rpartition(mark)[0]
    return f"{sentence}."
