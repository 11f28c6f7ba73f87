"""A run on a terminal, as a user sees it."""

import re
import signal
import time
from pathlib import Path

import pytest

from scripts.terminal import Terminal
from tests.experiment.stage import Stage

pytestmark = pytest.mark.slow


def on_terminal(stage: Stage, folder: Path) -> Terminal:
    return Terminal(stage.command(folder, "run", "trial.toml"), environment=stage.environment(), folder=folder)


def allow(terminal: Terminal) -> None:
    terminal.wait_for("[y/N]")
    terminal.type("y\r")


def list_of(terminal: Terminal) -> list[str]:
    """The list of steps, without times."""
    return [re.sub(r"\s+[\d:.]+( s)?$", "", line) for line in terminal.lines() if re.match(r"[✓✗·–] ", line)]


def test_it_asks_shows_the_list_and_ends_with_the_report(stage: Stage, folder: Path) -> None:
    with on_terminal(stage, folder) as terminal:
        terminal.wait_for("[y/N]")
        shown = terminal.lines()
        assert "trial: 2 models (rf, lr); the best by accuracy maps the county." in shown
        assert any(line.startswith("Price: 4.16 $/h") for line in shown)
        assert not any("Prepare the images" in line for line in shown)  # the list makes room for the question
        terminal.type("y\r")
        assert terminal.end() == 0
        lines = terminal.lines()
    assert list_of(terminal) == [
        "✓ Prepare the images",
        "✓ Make the environment, and sync the images meanwhile",
        "✓ Train rf (random-forest on efficientnet-lite0)",
        "✓ Train lr (logistic-regression on efficientnet-lite0)",
        "✓ Compare the models",
        "✓ Classify the county with lr",
        "✓ Write the report",
        "✓ Remove everything",
    ]
    assert any(re.fullmatch(r"  8 of 8 steps · [\d:. s]+ · \d+\.\d\d \$ for the cluster", line) for line in lines)
    assert any("Azure lists 0 with the environment's tag." in line for line in lines)
    assert lines[-1] == "The report: out/trial/report.html"


def test_a_terminal_that_is_closed_ends_the_run_and_its_removal_goes_on(stage: Stage, folder: Path) -> None:
    stage.hold = lambda spec: True
    with on_terminal(stage, folder) as terminal:
        allow(terminal)
        terminal.wait_for("$ so far · 4.16 $/h")
        terminal.close()
        time.sleep(0.2)  # words may reach nobody before the signal is heard
        terminal.process.send_signal(signal.SIGHUP)  # a shell's own, which is not one more
        assert terminal.process.wait(120) == 130
    [log] = folder.glob(".aerial-ops/experiments/trial/runs/*/log.txt")
    assert "Remove everything: done" in log.read_text()
    assert not stage.names()


def test_control_c_in_a_training_is_told_in_words(stage: Stage, folder: Path) -> None:
    stage.hold = lambda spec: True
    with on_terminal(stage, folder) as terminal:
        allow(terminal)
        terminal.wait_for("Train rf (random-forest")
        terminal.wait_for("$ so far · 4.16 $/h")
        terminal.type("\x03")
        assert terminal.end() == 130
        lines = terminal.lines()
    assert list_of(terminal)[2] == "✗ Train rf (random-forest on efficientnet-lite0)"
    assert list_of(terminal)[-1] == "✓ Remove everything"
    assert any("Nothing that carries the environment's tag is left." in line for line in lines)
    assert lines[-1] == "Go on where it stopped: aerial-ops run trial.toml --resume"
