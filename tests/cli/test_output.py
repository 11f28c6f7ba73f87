"""Where nobody watches: plain lines on stderr, the result alone on stdout."""

import errno
import io
import json
import sys

import pytest
from rich.console import Console

from aerial_ops.cli.output import Output
from aerial_ops.experiment.steps import Steps


def test_steps_are_lines_with_their_place(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output()
    with out:
        steps = Steps(out, ["Make", "Train rf", "Train lr", "Score"])
        with steps.step("Make", "(2 workers)"):
            pass
        with steps.step("Train rf") as first:
            with steps.step("Train lr"):
                steps.tell(first, "80 % right.")
            steps.tell(first, "Saved.")
        steps.skipped("Score", "It was done before.")
        out.result({}, "the result")
    told = capsys.readouterr()
    assert told.out == "the result\n"
    assert [line for line in told.err.splitlines() if line] == [
        "[1/4] Make (2 workers)",
        "[2/4] Train rf",
        "[3/4] Train lr",
        "Train rf: 80 % right.",
        "Saved.",
        "[4/4] Score: It was done before.",
    ]


def test_json_is_all_that_is_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output(as_json=True)
    with out:
        with Steps(out, ["Make"]).step("Make"), out.task("Making", 17, "resources") as task:
            task.advance(17)
        out.result({"a": 1}, "not this")
    told = capsys.readouterr()
    assert json.loads(told.out) == {"a": 1}
    assert "Making: 17 of 17 resources" in told.err


def test_a_note_on_a_terminal_is_broken_between_words_and_a_path_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    out = Output()
    monkeypatch.setattr(out, "_err", Console(file=file, width=30, force_terminal=True, color_system=None, soft_wrap=True))
    path = "/a/very/long/path/that/does/not/fit/into/thirty/columns"
    out.note(f"  + one two three four five six seven eight\n{path} is there.")
    assert file.getvalue().splitlines() == ["  + one two three four five", "  six seven eight", path, "is there."]


class Gone(io.StringIO):
    """A terminal that was closed."""

    def write(self, text: str) -> int:
        raise OSError(errno.EIO, "Input/output error")

    def flush(self) -> None:
        self.write("")

    def isatty(self) -> bool:
        return self.terminal

    terminal = False


@pytest.mark.parametrize("terminal", [True, False])
def test_words_that_reach_nobody_end_nothing(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    monkeypatch.setattr(Gone, "terminal", terminal)
    monkeypatch.setattr(sys, "stderr", Gone())
    with Output() as out:
        out.note("before the list")
        with Steps(out, ["Make"]).step("Make"), out.task("Making", 17, "resources") as task:
            task.advance(17)
            out.note("below it")
