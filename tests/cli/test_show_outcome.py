"""The end of an experiment: what is printed, and that the documentation names what is in the JSON."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from aerial_ops.cli import show_outcome
from aerial_ops.cli.output import Output
from aerial_ops.errors import JobFailedError
from aerial_ops.experiment.run import Outcome
from aerial_ops.experiment.steps import Steps
from aerial_ops.experiment.work import Results
from aerial_ops.infrastructure.down import Removed
from aerial_ops.reporting import SILENT
from tests.runs.conftest import make_record

PAGE = Path(__file__).resolve().parents[2] / "docs" / "experiments.md"
REMOVED = Removed("trial", ("a", "b"), kept_data=False, usd=0.09)


def outcome(**changes: Any) -> Outcome:
    good, other = make_record("lr", right=9, cost_usd=0.0451), make_record("rf", right=8)
    failed = {"svm": JobFailedError("The job svm-1 failed: no such thing.")}
    steps = Steps(SILENT, ["Train"])
    with steps.step("Train"):
        pass
    parts = {"removed": REMOVED, "results": Results([other, good], good, None, Path("out/report.html"), failed), **changes}
    return Outcome(name="trial", steps=steps, folder=Path("home/runs/1"), **parts)


def test_the_models_what_is_gone_and_the_report_at_last(capsys: pytest.CaptureFixture[str]) -> None:
    show_outcome.outcome(Output(), outcome())
    lines = [re.sub(r"  +", "  ", line).rstrip() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert lines[0] == "Step  Seconds  Share"
    assert lines[-6:] == [
        "Model  Test tiles right  In three groups  Time  Price",
        "rf  90.0%  90.0%  0.0 s",
        "lr  95.0%  95.0%  0.0 s  0.045 $  the best",
        "svm failed: The job svm-1 failed: no such thing.",
        "Removed 2 things; Azure lists 0 with the environment's tag. The cluster cost 0.09 $.",
        "The report: out/report.html",
    ]


@pytest.mark.parametrize(
    ("removed", "words"),
    [
        (None, []),
        (Removed("trial", ("a",), kept_data=True, usd=1.0), ["Removed 1 things; the data was kept. The cluster cost 1.00 $."]),
    ],
)
def test_what_was_kept_is_said(removed: Removed | None, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    show_outcome.outcome(Output(), outcome(removed=removed))
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("Removed")] == words


def test_each_key_of_the_json_is_documented(capsys: pytest.CaptureFixture[str]) -> None:
    show_outcome.outcome(Output(as_json=True), outcome())
    found = json.loads(capsys.readouterr().out)
    told = PAGE.read_text().split("### The result as JSON")[1].split("## Grids")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", told, re.MULTILINE)) == set(found)
    assert set(found["removed"]) == set(re.findall(r'"(\w+)"', told.split("| `removed` |")[1].splitlines()[0]))
