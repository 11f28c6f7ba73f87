"""The heading of an error: red on a terminal, plain elsewhere."""

import errno
import os
import sys

import pytest

from aerial_ops.cli.failures import exit_code_of
from scripts.terminal import Terminal


@pytest.mark.parametrize(("colour", "expected"), [({}, "red"), ({"NO_COLOR": "1"}, "default")])
def test_an_error_is_red_where_somebody_watches(colour: dict[str, str], expected: str) -> None:
    program = "import sys; from aerial_ops.cli.app import main; sys.argv = ['aerial-ops', 'run', 'no.toml']; main()"
    environment = {"PATH": "/usr/bin:/bin", **colour}
    with Terminal([sys.executable, "-c", program], environment=environment) as terminal:
        assert terminal.end(seconds=60) == 2
        [row] = [number for number, line in enumerate(terminal.lines()) if line.startswith("Error: There is no experiment file")]
        assert terminal.screen.buffer[row][0].fg == expected


@pytest.mark.parametrize(
    ("number", "advice"), [(errno.EACCES, "--home FOLDER"), (errno.EROFS, "--home FOLDER"), (errno.EIO, "Mend that")]
)
def test_a_folder_that_may_not_be_written_to_is_told_with_the_way_out(
    capsys: pytest.CaptureFixture[str], number: int, advice: str
) -> None:
    assert exit_code_of(OSError(number, os.strerror(number), "/home/.aerial-ops"), verbose=False) == 1
    said = capsys.readouterr().err
    assert f"Error: {os.strerror(number)}: /home/.aerial-ops." in said and advice in said
