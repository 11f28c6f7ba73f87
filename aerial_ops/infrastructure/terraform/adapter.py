"""What the kit asks of Terraform: init, plan, apply exactly that plan, outputs."""

import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_terraform import IsFlagged
from python_terraform import Terraform as CommandLines

from aerial_ops.errors import InfrastructureError, LeftBehindError
from aerial_ops.infrastructure.terraform.process import Ended, Event, run
from aerial_ops.infrastructure.terraform.progress import NoTimes, Progress, Times
from aerial_ops.infrastructure.terraform.taking_over import with_taken_over
from aerial_ops.infrastructure.terraform.workspace import Workspace
from aerial_ops.reporting import SILENT, Reporter

PLAN = "saved.tfplan"
QUICK_SECONDS, CREATE_SECONDS, DELETE_SECONDS = 900.0, 5400.0, 1500.0  # what init and plan, creation, deletion never take
READY = ".terraform/aerial-ops-ready"  # what the last init was made of
# What the state holds is destroyed as it is: looking at each resource first costs time, and fails on what is gone already.
_DESTROY: dict[str, Any] = {"destroy": IsFlagged, "refresh": False}
_LOCK = re.compile(r"^\s*(ID|Who|Operation|Created):\s+(\S.*?)\s*$", re.MULTILINE)  # what Terraform tells of a lock's holder
_QUIET = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}


@dataclass(frozen=True)
class Change:
    """One change of a plan: `action` is create, update, delete or replace; `address` is Terraform's name of the resource."""

    action: str
    address: str


@dataclass(frozen=True)
class Plan:
    """A saved plan: applying it does these changes and no others."""

    path: Path
    changes: tuple[Change, ...]
    destroys: bool
    new_outputs: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do: no resource changes, and no output is missing in the state."""
        return not self.changes and (self.destroys or not self.new_outputs)

    def discard(self) -> None:
        """Remove the file, which may hold secrets."""
        self.path.unlink(missing_ok=True)

    @property
    def removes(self) -> tuple[Change, ...]:
        """The changes after which something that exists now is gone."""
        return tuple(change for change in self.changes if change.action in ("delete", "replace"))


class Terraform:
    """Terraform in one workspace. `environment` holds its sign-in and trust; no variable is ever in argv or in a file of ours."""

    def __init__(
        self,
        program: Path,
        workspace: Workspace,
        environment: Mapping[str, str],
        report: Reporter = SILENT,
        times: Times | None = None,
    ) -> None:
        self._lines = CommandLines(working_dir=str(workspace.folder), terraform_bin_path=str(program))
        self._program, self._workspace, self._report, self._times = program, workspace, report, times or NoTimes()
        self._environment = {**_QUIET, **environment}

    def init(self) -> None:
        """Fetch the provider and connect the state, unless that was done with the same files. Raises InfrastructureError."""
        mark = self._workspace.folder / READY
        config = self._environment.get("TF_CLI_CONFIG_FILE", "")
        if mark.exists() and mark.read_text() == self._workspace.fingerprint(self._program, config):
            return
        self._checked("prepare its folder", self._run("init", {}, self._ignore, json=IsFlagged, input=False))
        mark.parent.mkdir(exist_ok=True)
        mark.write_text(self._workspace.fingerprint(self._program, config))

    def plan(self, variables: Mapping[str, Any], *, destroy: bool = False, patience: int = 0) -> Plan:
        """A saved plan. Values that are not text are given as JSON. A lock is waited for `patience` seconds.

        Raises InfrastructureError.
        """
        changes: list[Change] = []
        outputs: list[str] = []

        def note(event: Event) -> None:
            if event["type"] == "planned_change" and event["change"]["action"] not in ("noop", "read"):
                changes.append(Change(event["change"]["action"], event["change"]["resource"]["addr"]))
            elif event["type"] == "outputs":
                outputs.extend(name for name, output in event["outputs"].items() if output.get("action") == "create")

        options: dict[str, Any] = {"lock_timeout": f"{patience}s"} | (_DESTROY if destroy else {})
        ended = self._run("plan", variables, note, json=IsFlagged, input=False, out=PLAN, **options)
        self._checked("plan the changes", ended)
        return Plan(self._workspace.folder / PLAN, tuple(changes), destroy, bool(outputs))

    def apply(self, plan: Plan, in_vain: Callable[[], str] = str) -> None:
        """Do exactly what `plan` says. Raises LeftBehindError when it did not all happen.

        `in_vain` is asked now and then whether, and why, Terraform waits for what will not come; it is stopped then.
        """
        try:
            with Progress(self._report, self._times, plan.destroys, len(plan.changes)) as progress:
                limit = DELETE_SECONDS if plan.destroys else CREATE_SECONDS
                ended = self._run(
                    "apply", {}, progress.event, plan.path.name, limit=limit, in_vain=in_vain, json=IsFlagged, input=False
                )
        finally:
            plan.discard()
            self._push_errored_state()
        if ended.code or ended.interrupted or ended.overdue or ended.in_vain:
            raise _half_done(plan, ended)

    def outputs(self) -> dict[str, Any]:
        """The root's outputs, secrets included; empty when nothing was made."""
        found = json.loads(self._ask("output", json=IsFlagged) or "{}")
        return {name: output["value"] for name, output in found.items()}

    def resources(self) -> list[str]:
        """Addresses of what the state holds."""
        return [line for line in self._ask("state list").splitlines() if line]

    def held(self, kind: str) -> list[dict[str, Any]]:
        """Attributes of the state's resources of one type, secrets included."""
        text = self._ask("state pull")
        resources = json.loads(text).get("resources", []) if text.strip() else []
        return [one["attributes"] for resource in resources if resource["type"] == kind for one in resource["instances"]]

    def take_over(self, plan: Plan, ids: Mapping[str, str]) -> None:
        """Write into the state, as if `plan` had made it, what exists already: ids by address. The next plan looks at each."""
        shown = json.loads(self._ask("show", plan.path.name, json=IsFlagged))
        text = self._ask("state pull")
        state = with_taken_over(json.loads(text) if text.strip() else None, shown, ids)
        self._ask("state push", "-", text=json.dumps(state))

    def unlock(self, lock_id: str) -> None:
        """Break the lock of a run that is known to be dead."""
        self._ask("force-unlock", lock_id, force=IsFlagged)

    def _push_errored_state(self) -> None:
        if self._workspace.errored_state.exists():
            self._report.note("Terraform could not write its state the first time; writing it now.")
            self._ask("state push", self._workspace.errored_state.name)
            self._workspace.errored_state.unlink()

    def _run(
        self,
        command: str,
        variables: Mapping[str, Any],
        on_event: Callable[[Event], None],
        *arguments: str,
        limit: float = QUICK_SECONDS,
        in_vain: Callable[[], str] = str,
        **options: Any,
    ) -> Ended:
        line = self._lines.generate_cmd_string(command, *arguments, **options)
        secret = {f"TF_VAR_{name}": value if isinstance(value, str) else json.dumps(value) for name, value in variables.items()}
        return run(line, self._workspace.folder, {**self._environment, **secret}, self._report, on_event, limit, in_vain)

    def _ask(self, command: str, *arguments: str, text: str | None = None, **options: Any) -> str:
        line = self._lines.generate_cmd_string(command, *arguments, **options)
        done = subprocess.run(
            line,
            cwd=self._workspace.folder,
            env={**os.environ, **self._environment},
            capture_output=True,
            text=True,
            check=False,
            **({"stdin": subprocess.DEVNULL} if text is None else {"input": text}),
        )
        if done.returncode:
            if command == "state list" and "No state file" in done.stderr:
                return ""
            raise InfrastructureError(f"Terraform could not answer `{command}`: {_plain(done.stderr)}.")
        return done.stdout

    def _checked(self, action: str, ended: Ended) -> None:
        if ended.interrupted:
            raise KeyboardInterrupt
        if ended.code:
            raise _refused(action, ended)

    @staticmethod
    def _ignore(_: Event) -> None:
        """Nothing of it is shown."""


def _half_done(plan: Plan, ended: Ended) -> LeftBehindError:
    verb = "remove" if plan.destroys else "make"
    next_steps = "See what exists: aerial-ops status\nRemove it:       aerial-ops down"
    if ended.in_vain:
        return LeftBehindError(
            f"Terraform was stopped before it could {verb} what was planned: {ended.in_vain}",
            left="What it had begun is in its state.",
            suggestion=next_steps,
            data={"interrupted": ended.interrupted} if ended.interrupted else {},
        )
    if ended.interrupted == 1:
        return LeftBehindError(
            f"Interrupted while Terraform was to {verb} {len(plan.changes)} resources.",
            left="What it had begun was finished and is in its state.",
            suggestion=next_steps,
            data={"interrupted": 1},
        )
    if ended.interrupted:
        return LeftBehindError(
            f"Terraform was stopped at once while it was to {verb} {len(plan.changes)} resources.",
            left="Something may exist that its state does not know; `aerial-ops down` finds it by its tags.",
            suggestion=next_steps,
            data={"interrupted": ended.interrupted},
        )
    if ended.overdue:
        return LeftBehindError(
            f"Terraform did not {verb} what was planned in the time that it ever takes, and was stopped.",
            left="Something may exist that its state does not know; `aerial-ops down` finds it by its tags.",
            suggestion=next_steps,
        )
    return LeftBehindError(
        f"Terraform could not {verb} what was planned: {_words(ended)}",
        left="What was made before that exists, and may cost money.",
        suggestion=f"When the cause is gone, run the same command again.\n{next_steps}",
        data={"taken": ended.taken} if ended.taken else {},
    )


def _refused(action: str, ended: Ended) -> InfrastructureError:
    words = _words(ended)
    # A state that cannot be read is told in the same words, but nobody holds a lock then.
    if "Error acquiring the state lock" not in words or "Unsupported state file" in words:
        return InfrastructureError(f"Terraform could not {action}: {words}", left="Nothing was changed.")
    lock = dict(_LOCK.findall(words))
    holder = f" (held by {lock['Who']} since {lock['Created'][:16]} UTC)" if {"Who", "Created"} <= set(lock) else ""
    return InfrastructureError(
        f"Another Terraform is at work on this environment, or one was killed and left its lock{holder}.",
        left="Nothing was changed.",
        suggestion="Wait for it; when it is dead, aerial-ops up --unlock, or aerial-ops down --unlock.",
        data={"lock": lock},
    )


def _words(ended: Ended) -> str:
    return "\n".join(ended.errors) or f"it ended with code {ended.code} and said nothing"


def _plain(text: str) -> str:
    return " ".join(line.strip("╷│╵ ") for line in text.splitlines() if line.strip("╷│╵ "))
