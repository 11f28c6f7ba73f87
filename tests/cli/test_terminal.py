"""The terminal that pictures are taken of, and in which runs are tested."""

import pytest

from scripts.terminal import Terminal


def test_what_is_typed_reaches_the_command_and_its_end_is_told() -> None:
    with Terminal(["sh", "-c", "read name; echo hello $name; exit 3"]) as terminal:
        terminal.type("you\r")
        assert terminal.end(seconds=20) == 3
        assert terminal.lines()[-1] == "hello you"


def test_control_c_is_the_commands() -> None:
    with Terminal(["sh", "-c", "trap 'echo caught; exit 5' INT; echo ready; while true; do sleep 0.1; done"]) as terminal:
        terminal.wait_for("ready", seconds=20)
        terminal.type("\x03")
        assert terminal.end(seconds=20) == 5
        assert terminal.lines()[-1].endswith("caught")


def test_a_command_that_says_nothing_ends() -> None:
    with Terminal(["true"]) as terminal:
        assert terminal.end(seconds=20) == 0


def test_what_does_not_come_is_an_error() -> None:
    with Terminal(["sh", "-c", "echo other"]) as terminal, pytest.raises(EOFError, match="other"):
        terminal.wait_for("this", seconds=20)
    with Terminal(["sleep", "60"]) as terminal, pytest.raises(TimeoutError):
        terminal.end(seconds=0.5)
