"""The command line in this process: with a session's store replaced, and the output caught."""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from aerial_ops.cli import app as application
from aerial_ops.cli.session import Session

Command = Callable[..., tuple[int, str, str]]


def commands_of(group: str, store: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """`run("list", "--json")` of the group's commands on `store`: exit code, stdout and stderr."""
    monkeypatch.setattr(Session, "store", store)

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["aerial-ops", group, *words])
        with pytest.raises(SystemExit) as caught:
            application.main()
        told = capfd.readouterr()
        return int(caught.value.code or 0), told.out, told.err

    return run
