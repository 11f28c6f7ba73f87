"""The live list: what it shows of each state, that it always fits, and what a real terminal shows at the end."""

import html
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from aerial_ops.cli.board import Board
from aerial_ops.experiment.steps import Steps
from aerial_ops.reporting import SILENT, Step

ROOT = Path(__file__).resolve().parents[2]


def console(width: int = 80, height: int = 40, encoding: str = "utf-8") -> Console:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    return Console(file=file, width=width, height=height, force_terminal=True, color_system=None, legacy_windows=False)


def shown(board: Board, like: Console) -> list[str]:
    """What the board draws on a console like that."""
    on = console(like.width, like.height, like.encoding)
    with on.capture() as captured:
        on.print(board)
    return [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line).rstrip() for line in captured.get().splitlines()]


def some_steps() -> Steps:
    steps = Steps(SILENT, ["Make", "Train rf", "Train lr", "Score", "Remove"])
    with steps.step("Make"):
        pass
    with steps.step("Train rf", "(on resnet18)") as step:
        steps.tell(step, "80 % right.")
    with pytest.raises(ValueError), steps.step("Train lr"):
        raise ValueError
    steps.skipped("Score", "It was done before.")
    return steps


def test_each_state_has_its_mark_and_what_was_told_is_below() -> None:
    on = console()
    board = Board(on, some_steps())
    lines = [line for line in shown(board, on) if line]
    board.close()
    assert [re.sub(r" +\d+\.\d s$", " TIME", line) for line in lines] == [
        "✓ Make TIME",
        "✓ Train rf (on resnet18) TIME",
        "  80 % right.",
        "✗ Train lr TIME",
        "– Score",
        "  It was done before.",
        "· Remove",
        "  4 of 5 steps · TIME",
    ]


def test_a_terminal_without_unicode_gets_plain_marks() -> None:
    on = console(encoding="ascii")
    board = Board(on, some_steps())
    lines = "\n".join(shown(board, on))
    board.close()
    assert {line[0] for line in lines.splitlines() if line and line[0] != " "} == {"+", "x", "-", "."}


def test_progress_is_below_its_own_step_and_goes_when_it_ends() -> None:
    on = console()
    steps = Steps(SILENT, ["Sync", "Train"])
    board = Board(on, steps)
    with steps.step("Sync"), board.task("rf-1: featurise", 600, "tiles") as task:
        task.advance(312)
        lines = [line for line in shown(board, on) if line]
        assert re.fullmatch(r"  featurise ━{12} +312 of 600 tiles", lines[1])
        task.update(label="rf-1: fit")
        assert any("fit" in line for line in shown(board, on))
    assert not any("fit" in line for line in shown(board, on))
    board.close()


def test_what_is_done_between_steps_is_at_the_end() -> None:
    on = console()
    board = Board(on, Steps(SILENT, ["Train"]))
    with board.task("Start: the emulated Azure", 3, "programs"):
        lines = [line.strip() for line in shown(board, on) if line]
    board.close()
    assert [line.split("  ")[0] for line in lines] == ["· Train", "Start: the emulated Azure", "0 of 1 steps · 0.0 s"]


def test_the_price_so_far_is_at_the_foot() -> None:
    on = console()
    steps = Steps(SILENT, ["Train"])
    board = Board(on, steps)
    steps.pays(4.16)
    assert shown(board, on)[-1].endswith("0.00 $ so far · 4.16 $/h")
    steps.paid(0.09)
    assert shown(board, on)[-1].endswith("0.09 $ for the cluster")
    board.close()


STATES = st.sampled_from(["waiting", "done", "failed", "skipped", "running"])
STEPS = st.builds(
    Step, label=st.text("ab ü", min_size=1, max_size=90), state=STATES, told=st.text("cd", max_size=120), began=st.just(0.0)
)


@settings(deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=40), st.integers(40, 120), st.integers(12, 50))
def test_the_list_fits_any_terminal_and_shows_what_is_at_work(found: list[Step], width: int, height: int) -> None:
    on = console(width, height)
    steps = Steps(SILENT)
    steps.steps.extend(found)
    board = Board(on, steps)
    lines = shown(board, on)
    board.close()
    assert len(lines) <= height
    assert max(map(len, lines)) <= width
    at_work = next((step for step in found if step.state == "running"), None)
    if at_work and at_work.label.strip():
        assert any(at_work.label.strip()[:10] in line for line in lines)
    hidden = sum(int(line.split()[0]) for line in lines if re.fullmatch(r"  \d+ more (done|to come)", line))
    rows = sum(bool(re.match(r"[✓✗–·⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] ", line + " ")) for line in lines)
    assert rows + hidden == len(found)


PROGRAM = """
from aerial_ops.cli.output import Output
from aerial_ops.experiment.steps import Steps
out = Output()
with out:
    steps = Steps(out, ["Make", "Train"])
    with steps.step("Make"), out.task("Making", 17, "resources"):
        out.note("a note")
        with out.without_board():
            print("a question")
    with steps.step("Train") as step:
        steps.tell(step, "80 % right.")
    out.result({}, "the result")
"""


def pictured(tmp_path: Path, program: str) -> str:
    """The picture of a terminal in which `program` has run."""
    picture = tmp_path / "picture.svg"
    command = [sys.executable, str(ROOT / "scripts" / "terminal_picture.py"), str(picture), "--typed", "$ it", "--title", "it"]
    subprocess.run([*command, "--", sys.executable, "-c", program], check=True, capture_output=True)
    return picture.read_text()


def test_a_terminal_shows_notes_then_the_list_once_then_the_result(tmp_path: Path) -> None:
    svg = pictured(tmp_path, PROGRAM)
    lines = ["".join(re.findall(r">([^<]*)</text>", line)) for line in svg.splitlines() if "clip-path" in line]
    words = ["".join(html.unescape(line).split()) for line in lines]  # blanks are places in a picture
    assert [re.sub(r"\d+\.\ds$", "", word) for word in words if word] == [
        *("$it", "anote", "aquestion", "✓Make", "✓Train", "80%right.", "2of2steps·", "theresult"),
    ]


MANY_AT_ONCE = """
from threading import Thread
from time import sleep
from aerial_ops.cli.output import Output
from aerial_ops.experiment.steps import Steps
out = Output()

def work(number):
    for round in range(40):
        with out.task("work", 10, "tiles"):
            sleep(0.003)
            out.note(f"note-{number}-{round}")

with out, Steps(out, ["Make"]).step("Make"):
    threads = [Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""


def test_nothing_that_threads_say_is_drawn_over(tmp_path: Path) -> None:
    svg = pictured(tmp_path, MANY_AT_ONCE)
    assert len(set(re.findall(r"note-\d-\d+", html.unescape(svg)))) == 160
    assert svg.count("✓") == 1
