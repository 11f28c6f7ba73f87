"""The heading of an error: red on a terminal, plain elsewhere."""

import sys

import pytest

from scripts.terminal import Terminal


@pytest.mark.parametrize(("colour", "expected"), [({}, "red"), ({"NO_COLOR": "1"}, "default")])
def test_an_error_is_red_where_somebody_watches(colour: dict[str, str], expected: str) -> None:
    program = "import sys; from aerial_ops.cli.app import main; sys.argv = ['aerial-ops', 'run', 'no.toml']; main()"
    environment = {"PATH": "/usr/bin:/bin", **colour}
    with Terminal([sys.executable, "-c", program], environment=environment) as terminal:
        assert terminal.end(seconds=60) == 2
        [row] = [number for number, line in enumerate(terminal.lines()) if line.startswith("Error: There is no experiment file")]
        assert terminal.screen.buffer[row][0].fg == expected
