"""Signals at the edges of a command: what it was told to do, and how it ended, is what its exit code says."""

import signal
import subprocess
import sys

import pytest

LEAVING = """
import atexit, sys, time
from aerial_ops.cli import app
atexit.register(lambda: (print("leaving", flush=True), time.sleep(1)))
sys.argv = ["aerial-ops", *{arguments}]
app.main()
"""
WORKING = """
import time
from aerial_ops.cli import app
app.app = lambda: (print("working", flush=True), time.sleep(30))
app.main()
"""
BEGINNING = """
import sys, time
from aerial_ops.cli import app, commands
commands.load = lambda name: (print("beginning", flush=True), time.sleep(30))
sys.argv = ["aerial-ops", "status"]
app.main()
"""


def signalled(script: str, number: signal.Signals) -> tuple[int, str]:
    """Exit code and words of a command line that gets the signal when it has printed its first word."""
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while not process.stdout.readline().strip().endswith(("leaving", "working", "beginning")):
        assert process.poll() is None
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    return process.returncode, err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_program_leaves_does_not_change_how_it_ended(number: signal.Signals) -> None:
    assert signalled(LEAVING.format(arguments=["--version"]), number) == (0, "")
    code, err = signalled(LEAVING.format(arguments=["run", "none.toml"]), number)
    assert code == 2 and "none.toml" in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("script", [WORKING, BEGINNING])
def test_a_signal_ends_a_command_with_a_word(script: str, number: signal.Signals) -> None:
    code, err = signalled(script, number)
    assert code == 130
    assert "Interrupted" in err and "Traceback" not in err
