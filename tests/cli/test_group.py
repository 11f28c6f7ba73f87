import pytest
import typer
from typer.testing import CliRunner

from aerial_ops.cli import commands
from aerial_ops.cli.group import LONGEST, Group, first_clauses


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("List runs, newest first.\n\nMore.", "List runs, newest first."),
        ("Two words. Another sentence.", "Two words."),
        (f"Do it well, with {'care ' * 20}; and more.", "Do it well."),
        (f"Do it (and {'more ' * 20}) now.", "Do it."),
        (f"{'word ' * 20}", f"{'word ' * 20}".strip() + "."),
    ],
)
def test_a_long_sentence_is_cut_at_a_clause(text: str, short: str) -> None:
    assert first_clauses(text) == short


def test_no_list_of_commands_is_cut_by_the_terminal() -> None:
    app = typer.Typer(rich_markup_mode=None, add_completion=False, cls=Group)
    commands.register(app)
    groups = [group.name for group in app.registered_groups]
    assert len(groups) >= 6
    for group in (None, *groups):
        told = CliRunner().invoke(app, [*([group] if group else []), "--help"]).output
        listed = told.split("Commands:")[1]
        assert "..." not in listed
        assert all(len(line.split(maxsplit=1)[1]) <= LONGEST + 12 for line in listed.splitlines() if line.strip())
