import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from typer.testing import CliRunner

from aerial_ops import cli
from aerial_ops.cli.app import app
from aerial_ops.cli.commands import LINES, load
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


def told(*words: str) -> str:
    return CliRunner().invoke(app, [*words, "--help"]).output


@pytest.mark.parametrize("group", [(), *((name,) for name in LINES if hasattr(import_module(f"aerial_ops.cli.{name}"), "app"))])
def test_no_list_of_commands_is_cut_by_the_terminal(group: tuple[str, ...]) -> None:
    listed = told(*group).split("Commands:")[1]
    assert "..." not in listed
    assert all(len(line.split(maxsplit=1)[1]) <= LONGEST + 12 for line in listed.splitlines() if line.strip())


@pytest.mark.parametrize("name", LINES)
def test_every_command_that_is_listed_is_there(name: str) -> None:
    assert told(name).startswith(f"Usage: aerial-ops {name} ")
    command = load(name)
    assert LINES[name] == (first_clauses(command.help) if isinstance(command, Group) else command.short_help)


def test_every_module_of_a_command_is_listed() -> None:
    modules = {info.name for info in iter_modules(cli.__path__)}
    named = {name for name in modules if re.match(rf'"""`aerial-ops {name}`', Path(cli.__path__[0], f"{name}.py").read_text())}
    assert named == set(LINES)


def test_a_slip_in_a_commands_name_is_answered_with_what_is_like_it() -> None:
    slip = CliRunner().invoke(app, ["statsu"])
    assert slip.exit_code == 2
    assert "Did you mean 'status'?" in slip.output


HELP = """
import sys
from aerial_ops.cli.app import main
sys.argv = ["aerial-ops", "--help"]
try:
    main()
finally:
    print(*(name for name in sys.modules if name.startswith("aerial_ops.")), file=sys.stderr)
"""


def test_help_imports_no_command() -> None:
    imported = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=True).stderr.split()
    assert set(imported) == {
        "aerial_ops.cli",
        *(f"aerial_ops.cli.{name}" for name in ("app", "commands", "group", "failures")),
        "aerial_ops.errors",
        "aerial_ops.hangup",
    }
