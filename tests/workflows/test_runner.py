"""The runner itself: what it promises to do, and what it refuses."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.expressions import UnknownExpressionError, evaluate, filled
from tests.workflows.runner import Cancellation, JobResult, Runner, UnknownToRunnerError, load

HEAD = """
on:
  workflow_dispatch:
    inputs:
      who: {type: string, default: world}
jobs:
  job:
    runs-on: x
    steps:
"""
CONTEXT: dict[str, Any] = {"inputs": {"max-cost": "5", "dry": True, "empty": ""}, "vars": {"A": "1"}}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("inputs.max-cost", "5"),
        ("vars.A || 'b'", "1"),
        ("vars.B || 'b'", "b"),
        ("inputs.dry && '--dry-run' || ''", "--dry-run"),
        ("inputs.empty && 'yes' || 'no'", "no"),
        ("vars.B != ''", False),
        ("vars.A == '1' && !(inputs.empty == 'x')", True),
        ("'it''s'", "it's"),
    ],
)
def test_expressions(expression: str, value: object) -> None:
    assert evaluate(expression, CONTEXT) == value


@pytest.mark.parametrize("expression", ["secrets.KEY", "hashFiles('x')", "vars.A >", "", "always()", "vars", "(vars.A", "1 + 1"])
def test_unknown_expressions_are_refused(expression: str) -> None:
    with pytest.raises(UnknownExpressionError):
        evaluate(expression, CONTEXT)


def test_texts_are_filled() -> None:
    assert filled("a-${{ vars.A }}-${{ vars.B }}-${{ inputs.dry }}", CONTEXT) == "a-1--true"


def run(tmp_path: Path, steps: str, cancel: Cancellation | None = None, **inputs: Any) -> JobResult:
    path = tmp_path / "it.yml"
    path.write_text(HEAD + steps)
    return Runner(tmp_path, {"SET": "yes"}).run(path, "job", cancel, "workflow_dispatch", **inputs)


def test_outputs_variables_inputs_and_the_summary(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        """
      - id: first
        run: |
          echo "answer=42" >> "$GITHUB_OUTPUT"
          echo "LATER=on" >> "$GITHUB_ENV"
          echo "# Title" >> "$GITHUB_STEP_SUMMARY"
      - name: second
        env:
          ANSWER: ${{ steps.first.outputs.answer }}
          WHO: ${{ inputs.who }}
        run: echo "$ANSWER $LATER $WHO"
""",
        who="you",
    )
    assert done.result == "success" and done.summary == "# Title\n"
    assert done.step("second").said == "42 on you\n"


def test_a_failure_skips_what_does_not_always_run(tmp_path: Path) -> None:
    steps = """
      - name: fails
        run: |
          false
          echo never
      - name: skipped
        run: echo skipped
      - name: always
        if: always()
        run: echo always
      - name: not cancelled
        if: cancelled()
        run: echo cancelled
"""
    done = run(tmp_path, steps)
    assert done.result == "failure"
    assert [(step.name, step.result) for step in done.steps] == [
        ("fails", "failure"),
        ("skipped", "skipped"),
        ("always", "success"),
        ("not cancelled", "skipped"),
    ]
    assert done.step("fails").said == ""


def test_a_cancelled_step_is_told_twice_and_then_ended_with_what_it_started(tmp_path: Path) -> None:
    steps = """
      - name: stubborn
        run: |
          trap 'echo int >> told' INT
          trap 'echo term >> told' TERM
          touch begun
          while true; do sleep 0.1; done
      - name: always
        if: always()
        run: echo "$(cat told)"
      - name: skipped
        run: echo no
"""
    cancel = Cancellation("stubborn", (tmp_path / "begun").exists, 0.5, 0.5)
    started = time.monotonic()
    done = run(tmp_path, steps, cancel)
    assert done.result == "cancelled" and time.monotonic() - started < 60
    assert done.step("always").said == "int\nterm\n"
    assert done.step("skipped").result == "skipped"


STEP = "      - run: echo\n"
REFUSED = {
    "a key of a job": HEAD.replace("    steps:", "    strategy: {}\n    steps:") + STEP,
    "a key of a step": HEAD + "      - run: echo\n        shell: pwsh\n",
    "an action": HEAD + "      - uses: somebody/something@08c6903cd8c0fde910a37f88322edcfb5dd907a8\n",
    "an action that is not pinned": HEAD + "      - uses: actions/checkout@v5\n",
    "an action's input": HEAD
    + "      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8\n        with: {token: x}\n",
    "a step that does nothing": HEAD + "      - name: nothing\n",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_is_not_known_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "it.yml").write_text(text)
    with pytest.raises(UnknownToRunnerError):
        load(tmp_path / "it.yml")


def test_an_input_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownToRunnerError, match="no input colour"):
        run(tmp_path, STEP, colour="red")
