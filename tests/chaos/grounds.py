"""Where schedules run: a control plane alone for `up` to `down`, a stage with storage and quick jobs for whole runs."""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import httpx

from tests.experiment.conftest import TRIAL
from tests.experiment.stage import Stage, write_images
from tests.infrastructure.town import Metropolis

SETTLE_SECONDS = 20.0
PATIENCE = 240.0


class Ground(Protocol):
    """An emulated Azure, the command line, and the folder it works in."""

    control: httpx.Client

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """The command line on this machine, with a Terraform provider of its own where that matters."""

    def reap(self) -> "subprocess.Popen[str]":
        """The reaper on another machine, which knows nothing."""

    def close(self) -> None:
        """End what runs and remove the folder."""


class City:
    """The control plane alone, as a process that can be killed and restarted."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="chaos-"))
        self._city = Metropolis(self.home / "city")
        self.control = self._city.control
        self.machine = self._city.home
        self._other = _another_machine(self.home, self._city.home / "emulator")

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return self._city.start(*arguments, own_provider=True)

    def prepare(self, *arguments: str) -> None:
        """A command that nobody disturbs."""
        self._city.run(*arguments, own_provider=True)

    def reap(self) -> "subprocess.Popen[str]":
        return self._city.start("--home", str(self._other), "reap", "--all-environments", "--yes", "--json")

    def close(self) -> None:
        self._city.close()
        shutil.rmtree(self.home)


class Theatre:
    """Storage accounts too, and clusters whose jobs are quick; an experiment file for each schedule."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="chaos-"))
        self.stage = Stage(self.home / "stage")
        self.control = self.stage.cloud.control
        self._other = _another_machine(self.home, self.stage.emulator)
        self.folder = self.home / "work"
        self.folder.mkdir()
        write_images(self.folder / "images")

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return self.stage.start(self.folder, *arguments)

    def write(self, name: str) -> Path:
        """The experiment `name`."""
        file = self.folder / f"{name}.toml"
        file.write_text(TRIAL.replace("trial", name))
        return file

    def reap(self) -> "subprocess.Popen[str]":
        return self.stage.start(self._other, "reap", "--all-environments", "--yes", "--json")

    def close(self) -> None:
        self.stage.close()
        shutil.rmtree(self.home)


def _another_machine(folder: Path, emulator: Path) -> Path:
    """A home without any state, on the same emulated Azure."""
    home = folder / "elsewhere"
    home.mkdir()
    (home / "emulator").symlink_to(emulator)
    return home


def resources(ground: Ground, name: str) -> list[dict[str, Any]]:
    """What exists of one environment."""
    found: list[dict[str, Any]] = ask(lambda: ground.control.get("state")).json()["resources"]
    return [item for item in found if f"/resourcegroups/aerial-ops-{name}/" in f"{item['id'].lower()}/"]


def settled(ground: Ground, true: Callable[[], bool]) -> bool:
    """Whether it comes true within a while; a runbook, say, has its pauses."""
    limit = time.monotonic() + SETTLE_SECONDS
    while not true():
        if time.monotonic() > limit:
            return False
        time.sleep(0.1)
    return True


def ask(request: Callable[[], httpx.Response]) -> httpx.Response:
    """An answer of the control calls, also when the server is just being restarted."""
    limit = time.monotonic() + SETTLE_SECONDS
    while True:
        try:
            return request().raise_for_status()
        except (httpx.TransportError, json.JSONDecodeError):
            if time.monotonic() > limit:
                raise
            time.sleep(0.1)
