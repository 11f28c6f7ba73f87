"""What is shown before something is made or removed, and that nobody is asked where nobody is."""

import sys

import pytest

from aerial_ops.cli import app
from aerial_ops.cli.asking import asker
from aerial_ops.cli.output import Output
from aerial_ops.errors import RefusedError
from aerial_ops.infrastructure.approval import Proposal
from aerial_ops.infrastructure.terraform import Change
from scripts.terminal import Terminal

MADE = [
    "module.resource_group.azurerm_resource_group.this",
    "module.storage.azurerm_storage_account.this",
    *(f'module.storage.azurerm_storage_container.this["{name}"]' for name in ("train", "test", "runs")),
    "module.cost_guard.azurerm_automation_account.this",
    "module.cost_guard.azurerm_role_assignment.this",
    "module.new.azurerm_key_vault.this",
]
PROPOSAL = Proposal(
    "Make it?", (*(Change("create", one) for one in MADE), Change("replace", "module.x.azurerm_storage_account.y"))
)


def test_what_is_allowed_beforehand_is_summed_up_by_kind(capsys: pytest.CaptureFixture[str]) -> None:
    asker(Output(), yes=True)(PROPOSAL)
    assert capsys.readouterr().err.splitlines() == [
        "  + 8 resources: 1 resource group, 1 storage account, 3 containers, 2 parts of the dead man's switch, 1 key vault",
        "  ± module.x.azurerm_storage_account.y",
    ]


def test_verbose_shows_each(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "_verbose", True)
    asker(Output(), yes=True)(PROPOSAL)
    assert len(capsys.readouterr().err.splitlines()) == len(PROPOSAL.changes)


def test_who_is_asked_sees_each_and_without_a_terminal_it_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RefusedError, match="no terminal to ask on"):
        asker(Output(), yes=False)(PROPOSAL)
    assert len(capsys.readouterr().err.splitlines()) == len(PROPOSAL.changes)


def test_a_few_changes_are_always_shown_each(capsys: pytest.CaptureFixture[str]) -> None:
    asker(Output(), yes=True)(Proposal("?", PROPOSAL.changes[:3]))
    assert len(capsys.readouterr().err.splitlines()) == 3


ASKS = """
import sys
from aerial_ops.cli.asking import asker
from aerial_ops.cli.failures import exit_code_of
from aerial_ops.cli.output import Output
from aerial_ops.infrastructure.approval import Proposal

try:
    asker(Output(), yes=False)(Proposal("Make it?"))
except BaseException as error:
    sys.exit(exit_code_of(error, verbose=False))
"""


@pytest.mark.parametrize(
    ("keys", "code", "words"),
    [
        ("y\r", 0, ""),
        ("n\r", 3, "Error: It was not approved."),
        ("\x04", 3, "Error: It was not approved."),  # Ctrl-D
        ("\x03", 130, "Error: Interrupted at the question."),  # Ctrl-C
    ],
)
def test_each_answer_has_its_exit_code_and_its_words(keys: str, code: int, words: str) -> None:
    with Terminal([sys.executable, "-c", ASKS]) as terminal:
        terminal.wait_for("[y/N]")
        terminal.type(keys)
        assert terminal.end(60) == code
        # The question's last blank is written by itself: a quick answer may come before it.
        lines = [line.strip() for line in terminal.lines()]
        assert not words or (words in lines and "Nothing was changed." in lines)
