"""Runs the `run:` steps of a workflow on this machine, as a runner of GitHub Actions would; what it does not know it refuses.

Known: inputs with their defaults, `env` of workflow, job and step, `if`, `${{ }}`, $GITHUB_OUTPUT, $GITHUB_ENV,
$GITHUB_STEP_SUMMARY, continue-on-error, and cancellation: SIGINT to the step's own process, SIGTERM after a while, then the end
of all that it has started; steps with always() or cancelled() go on. A `uses:` step is taken as done when its action is known.
"""

import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from ruamel.yaml import YAML

from tests.workflows.expressions import STATUS, evaluate, filled

ACTIONS = {  # the actions that are known, and what may be given to them
    "actions/checkout": {"persist-credentials"},
    "actions/setup-python": {"python-version"},
    "actions/setup-java": {"distribution", "java-version"},
    "actions/upload-artifact": {"name", "path", "include-hidden-files", "if-no-files-found"},
    "hashicorp/setup-terraform": {"terraform_version", "terraform_wrapper"},
}
PINNED = re.compile(r"(?P<action>[\w.-]+/[\w.-]+)@[0-9a-f]{40}")
KEYS = {
    "workflow": {"name", "on", "permissions", "concurrency", "env", "jobs"},
    "job": {"runs-on", "timeout-minutes", "environment", "steps", "if", "env", "needs"},
    "step": {"name", "id", "if", "uses", "with", "run", "env", "timeout-minutes", "continue-on-error"},
    "input": {"description", "type", "required", "default", "options"},
}
SHELL = ("bash", "-e")
SUMMARY, OUTPUT, ENVIRONMENT = "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_ENV"


class UnknownToRunnerError(Exception):
    """The workflow uses what this runner does not know, so its test would prove nothing."""


@dataclass
class StepResult:
    """A step: success, failure, cancelled or skipped; what it said."""

    name: str
    result: str
    said: str = ""


@dataclass
class JobResult:
    """A job: success, failure, cancelled or skipped; its steps; its page; the paths that it keeps."""

    result: str
    steps: list[StepResult] = field(default_factory=list)
    summary: str = ""
    artifacts: list[Path] = field(default_factory=list)

    def step(self, name: str) -> StepResult:
        """The step of that name."""
        return next(step for step in self.steps if step.name == name)


@dataclass
class Cancellation:
    """Cancel the job once `when` is true during the step `step`. GitHub waits 7.5 and 2.5 seconds between its three signals."""

    step: str
    when: Callable[[], bool]
    interrupt_seconds: float = 7.5
    terminate_seconds: float = 2.5


@dataclass
class Runner:
    """`workspace` is the checkout; `variables` are the repository's; `rewrite` may replace a step's script."""

    workspace: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    rewrite: Callable[[str], str] = lambda script: script

    def run(self, path: Path, job: str, cancel: Cancellation | None = None, trigger: str = "", **inputs: Any) -> JobResult:
        """Run one job of the workflow at `path`, started by `trigger` with `inputs`."""
        workflow = load(path)
        context = {
            "inputs": given_inputs(workflow, trigger, {name.replace("_", "-"): value for name, value in inputs.items()}),
            "vars": self.variables,
            "github": {"ref": "refs/heads/main", "actor": "octocat", "event_name": trigger},
            "steps": {},
        }
        described = workflow["jobs"][job]
        if "if" in described and not evaluate(described["if"], context):
            return JobResult("skipped")
        return _Job(self, {**self._env(workflow, context), **self._env(described, context)}, context, cancel).run(
            described["steps"]
        )

    @staticmethod
    def _env(where: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, str]:
        return {name: filled(value, context) for name, value in where.get("env", {}).items()}


class _Job:
    def __init__(self, runner: Runner, env: dict[str, str], context: dict[str, Any], cancel: Cancellation | None) -> None:
        self._runner, self._env, self._context, self._cancel = runner, env, context, cancel
        self._status = "success"
        self._done = JobResult("success")

    def run(self, steps: list[Mapping[str, Any]]) -> JobResult:
        for step in steps:
            name = step.get("name") or step.get("uses") or step["run"]
            condition = str(step.get("if", "success()"))
            if not any(word in condition for word in STATUS):
                condition = f"success() && ({condition})"
            context = {**self._context, "env": self._env}
            if not evaluate(condition, context, self._holds):
                self._done.steps.append(StepResult(name, "skipped"))
                continue
            ended = self._use(step, name, context) if "uses" in step else self._run(step, name, context)
            self._done.steps.append(ended)
            if ended.result != "success" and not step.get("continue-on-error"):
                self._status = ended.result if self._status != "cancelled" else "cancelled"
        self._done.result = self._status
        return self._done

    def _holds(self, word: str) -> bool:
        return {
            "always()": True,
            "success()": self._status == "success",
            "failure()": self._status == "failure",
            "cancelled()": self._status == "cancelled",
        }[word]

    def _use(self, step: Mapping[str, Any], name: str, context: Mapping[str, Any]) -> StepResult:
        if step["uses"].startswith("actions/upload-artifact@"):
            patterns, hidden = filled(step["with"]["path"], context).split(), step["with"].get("include-hidden-files", False)
            self._done.artifacts += kept_files(self._runner.workspace, patterns, hidden=hidden)
        return StepResult(name, "success")

    def _run(self, step: Mapping[str, Any], name: str, context: dict[str, Any]) -> StepResult:
        with tempfile.TemporaryDirectory() as folder:
            files = {variable: Path(folder) / variable for variable in (SUMMARY, OUTPUT, ENVIRONMENT)}
            for file in files.values():
                file.touch()
            script, log = Path(folder) / "step.sh", Path(folder) / "log"
            script.write_text(self._runner.rewrite(filled(step["run"], context)))
            env = {name: filled(value, context) for name, value in step.get("env", {}).items()}
            known = {"CI": "true", "GITHUB_ACTIONS": "true", **{name: str(file) for name, file in files.items()}}
            with log.open("wb") as said:
                process = subprocess.Popen(
                    [*SHELL, str(script)],
                    cwd=self._runner.workspace,
                    env={**self._runner.environ, **self._env, **env, **known},
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                    preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # whoever runs these tests may ignore it
                )
                cancelled = self._watched(process, name)
            self._done.summary += files[SUMMARY].read_text()
            if "id" in step:
                self._context["steps"][step["id"]] = {"outputs": _pairs(files[OUTPUT])}
            self._env |= _pairs(files[ENVIRONMENT])
            result = "cancelled" if cancelled else "failure" if process.returncode else "success"
            return StepResult(name, result, log.read_text(errors="replace"))

    def _watched(self, process: "subprocess.Popen[bytes]", name: str) -> bool:
        """Wait for the step's end, or cancel it. Gives whether it was cancelled."""
        cancel = self._cancel
        while process.poll() is None:
            if cancel and cancel.step == name and cancel.when():
                self._cancel, self._status = None, "cancelled"
                _end(process, cancel)
                return True
            time.sleep(0.05)
        return False


def _end(process: "subprocess.Popen[bytes]", cancel: Cancellation) -> None:
    """As GitHub's runner does: it tells the step's own process twice, and then ends all that this one has started."""
    for number, patience in ((signal.SIGINT, cancel.interrupt_seconds), (signal.SIGTERM, cancel.terminate_seconds)):
        process.send_signal(number)
        try:
            process.wait(patience)
            return
        except subprocess.TimeoutExpired:
            continue
    try:
        tree = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        tree = []
    for one in tree:
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue
    process.wait()


def load(path: Path) -> dict[str, Any]:
    """The workflow at `path`. Raises UnknownToRunnerError for anything that this runner does not know."""
    workflow: dict[str, Any] = YAML(typ="safe").load(path.read_text())
    _known(workflow, "workflow", path.name)
    for name, job in workflow["jobs"].items():
        _known(job, "job", name)
        for step in job["steps"]:
            _known(step, "step", str(step.get("name", name)))
            if ("uses" in step) == ("run" in step):
                raise UnknownToRunnerError(f"{name}: a step needs one of uses and run.")
            if "uses" in step:
                _known_action(step)
    return workflow


def given_inputs(workflow: Mapping[str, Any], trigger: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of a run: what is given, else the defaults. Raises UnknownToRunnerError for what the workflow does not take."""
    if trigger and trigger not in workflow["on"]:
        raise UnknownToRunnerError(f"The workflow is not started by {trigger}.")
    about = workflow["on"][trigger] if trigger else None
    described = about.get("inputs", {}) if isinstance(about, dict) else {}  # a schedule is a list
    for name, one in described.items():
        _known(one, "input", name)
        if one.get("required") and "default" not in one and name not in given:
            raise UnknownToRunnerError(f"The input {name} must be given.")
        if "options" in one and given.get(name, one.get("default")) not in one["options"]:
            raise UnknownToRunnerError(f"The input {name} cannot be {given[name]!r}.")
    if wrong := set(given) - set(described):
        raise UnknownToRunnerError(f"There is no input {', '.join(sorted(wrong))} in {trigger}.")
    return {**{name: one.get("default") for name, one in described.items()}, **given}


def _known(found: Mapping[str, Any], kind: str, where: str) -> None:
    if unknown := set(found) - KEYS[kind]:
        raise UnknownToRunnerError(f"{where}: unknown key of a {kind}: {', '.join(sorted(unknown))}.")


def _known_action(step: Mapping[str, Any]) -> None:
    found = PINNED.fullmatch(step["uses"])
    if not found or found["action"] not in ACTIONS:
        raise UnknownToRunnerError(f"{step['uses']} is not a known action that is pinned by its commit.")
    if unknown := set(step.get("with", {})) - ACTIONS[found["action"]]:
        raise UnknownToRunnerError(f"{step['uses']}: unknown inputs {', '.join(sorted(unknown))}.")


def kept_files(workspace: Path, patterns: list[str], *, hidden: bool) -> list[Path]:
    """The files that an artifact of these patterns holds. `!` leaves out; hidden ones are left out unless `hidden`."""
    taken, left_out = (
        {
            file
            for pattern in patterns
            if pattern.startswith("!") is negative
            for found in workspace.glob(pattern.removeprefix("!"))
            for file in ([found] if found.is_file() else found.rglob("*"))
            if file.is_file()
        }
        for negative in (False, True)
    )
    seen = {file for file in taken if hidden or not any(part.startswith(".") for part in file.relative_to(workspace).parts)}
    return sorted(seen - left_out)


def _pairs(file: Path) -> dict[str, str]:
    """NAME=VALUE lines; the form for many lines is not known here."""
    pairs = {}
    for line in file.read_text().splitlines():
        name, sign, value = line.partition("=")
        if not sign or "<<" in name:
            raise UnknownToRunnerError(f"{line!r} is not NAME=VALUE.")
        pairs[name] = value
    return pairs
