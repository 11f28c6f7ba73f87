import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from aerial_ops.errors import InfrastructureError, LeftBehindError
from aerial_ops.infrastructure.terraform import Change, Plan, Terraform, Workspace

pytestmark = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on PATH")

ROOT = """
variable "name" { type = string }
variable "secret" {
  type      = string
  sensitive = true
  default   = ""
}
variable "numbers" {
  type    = list(number)
  default = []
}
resource "terraform_data" "one" { input = [var.name, sha256(var.secret), var.numbers] }
output "one" { value = terraform_data.one.output }
output "hidden" {
  value     = var.secret
  sensitive = true
}
"""
SLOW = """
resource "terraform_data" "slow" {
  provisioner "local-exec" { command = "touch begun; sleep 4; touch ended" }
}
resource "terraform_data" "after" { depends_on = [terraform_data.slow] }
"""

STUBBORN = """
import pathlib, signal, sys, time
count = []
signal.signal(signal.SIGINT, lambda *_: sys.exit(1) if count else count.append(1))
pathlib.Path("begun").touch()
while True:
    time.sleep(0.1)
"""

Make = Callable[..., Terraform]


class Notes:
    """A reporter that remembers."""

    def __init__(self) -> None:
        from aerial_ops.reporting import SILENT

        self.texts: list[str] = []
        self.task = SILENT.task

    def note(self, text: str) -> None:
        self.texts.append(text)


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def terraform(tmp_path: Path, notes: Notes) -> Make:
    def make(text: str = ROOT, **environment: str) -> Terraform:
        (tmp_path / "main.tf").write_text(text)
        adapter = Terraform(Path(str(shutil.which("terraform"))), Workspace(tmp_path), environment, notes)
        adapter.init()
        return adapter

    return make


def test_a_plan_is_listed_applied_and_then_empty(terraform: Make) -> None:
    adapter = terraform()
    plan = adapter.plan({"name": "a b'c", "numbers": [1, 2]})
    assert plan.changes == (Change("create", "terraform_data.one"),)
    adapter.apply(plan)
    assert adapter.outputs()["one"][0] == "a b'c"
    assert adapter.outputs()["one"][2] == [1, 2]
    assert adapter.resources() == ["terraform_data.one"]
    assert adapter.plan({"name": "a b'c", "numbers": [1, 2]}).is_empty


def test_a_destroy_plan_removes_what_it_lists(terraform: Make) -> None:
    adapter = terraform()
    adapter.apply(adapter.plan({"name": "a"}))
    plan = adapter.plan({"name": "a"}, destroy=True)
    assert [change.action for change in plan.changes] == ["delete"]
    adapter.apply(plan)
    assert adapter.resources() == []


def test_before_anything_was_made_there_is_nothing(terraform: Make) -> None:
    adapter = terraform()
    assert adapter.resources() == []
    assert adapter.outputs() == {}


def test_secrets_are_in_no_argument_and_no_plan_file_stays(terraform: Make, tmp_path: Path) -> None:
    wrapper = tmp_path / "bin" / "terraform"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/arguments\nexec {shutil.which("terraform")} "$@"\n')
    wrapper.chmod(0o755)
    (tmp_path / "main.tf").write_text(ROOT)
    adapter = Terraform(wrapper, Workspace(tmp_path), {})
    adapter.init()
    adapter.apply(adapter.plan({"name": "a", "secret": "Passw0rd!1"}))
    assert adapter.outputs()["hidden"] == "Passw0rd!1"
    assert "apply" in (tmp_path / "arguments").read_text()
    assert "Passw0rd" not in (tmp_path / "arguments").read_text()
    assert not list(tmp_path.glob("*.tfplan"))


def test_terraforms_own_words_are_told(terraform: Make) -> None:
    adapter = terraform()
    with pytest.raises(InfrastructureError, match="No value for required variable"):
        adapter.plan({})


def test_a_failed_apply_says_that_something_may_be_left(terraform: Make) -> None:
    adapter = terraform('resource "terraform_data" "bad" {\n  provisioner "local-exec" { command = "echo why >&2; exit 3" }\n}')
    with pytest.raises(LeftBehindError, match="exit status 3") as caught:
        adapter.apply(adapter.plan({}))
    assert "aerial-ops down" in caught.value.suggestion


def _when_begun(folder: Path, action: Callable[[], None]) -> None:
    def wait() -> None:
        while not (folder / "begun").exists():
            time.sleep(0.05)
        action()

    threading.Thread(target=wait, daemon=True).start()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_ends_in_good_order(terraform: Make, tmp_path: Path, notes: Notes, number: signal.Signals) -> None:
    adapter = terraform(SLOW)
    plan = adapter.plan({})
    _when_begun(tmp_path, lambda: os.kill(os.getpid(), number))
    with pytest.raises(LeftBehindError, match="Interrupted while"):
        adapter.apply(plan)
    assert adapter.resources() == ["terraform_data.slow"]  # begun, so in the state; the one after it was not begun
    assert not (tmp_path / ".terraform.tfstate.lock.info").exists()
    assert any("waiting for Terraform" in text for text in notes.texts)


def test_two_signals_stop_at_once_and_say_so(tmp_path: Path, notes: Notes) -> None:
    # Without a provider the real program cannot be held in the middle of a create: this one ends at the second signal too.
    program = tmp_path / "terraform"
    program.write_text("#!/usr/bin/env python3\n" + STUBBORN)
    program.chmod(0o755)
    saved = tmp_path / "saved.tfplan"
    saved.touch()
    _when_begun(tmp_path, lambda: [(os.kill(os.getpid(), signal.SIGINT), time.sleep(0.3)) for _ in range(2)])
    with pytest.raises(LeftBehindError, match="stopped at once"):
        Terraform(program, Workspace(tmp_path), {}, notes).apply(Plan(saved, (Change("create", "a.b"),), False))
    assert len(notes.texts) == 2


def test_a_lock_is_explained_and_can_be_broken(terraform: Make, tmp_path: Path) -> None:
    adapter = terraform(SLOW)
    other = subprocess.Popen(
        ["terraform", "apply", "-auto-approve"], cwd=tmp_path, stdout=subprocess.DEVNULL, start_new_session=True
    )
    while not (tmp_path / "begun").exists():
        time.sleep(0.05)
    try:
        with pytest.raises(InfrastructureError, match="Another Terraform is at work") as caught:
            adapter.plan({})
        assert "--unlock" in caught.value.suggestion
        assert caught.value.data["lock"]["ID"]
    finally:
        os.killpg(other.pid, signal.SIGKILL)
        other.wait()


def test_a_state_that_could_not_be_written_is_pushed_back(terraform: Make, tmp_path: Path, notes: Notes) -> None:
    adapter = terraform()
    adapter.apply(adapter.plan({"name": "a"}))
    state = json.loads((tmp_path / "terraform.tfstate").read_text())
    (tmp_path / "errored.tfstate").write_text(json.dumps({**state, "serial": state["serial"] + 5}))
    adapter.apply(adapter.plan({"name": "b"}))
    assert not (tmp_path / "errored.tfstate").exists()
    assert any("writing it now" in text for text in notes.texts)
