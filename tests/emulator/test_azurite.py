import json
import os
from pathlib import Path

import pytest

from aerial_ops.emulator import azurite
from aerial_ops.emulator.certificates import Certificates
from aerial_ops.emulator.toolchain import Node
from aerial_ops.errors import EmulatorError
from aerial_ops.reporting import SILENT

INSTALLS = "mkdir -p node_modules/azurite/dist/src/blob && touch node_modules/azurite/dist/src/blob/main.js"
COMPLETE = f"{INSTALLS} && touch node_modules/.package-lock.json"


class Npm:
    """An npm that does what a test tells it."""

    def __init__(self, folder: Path) -> None:
        self.program, self.calls = folder / "npm", folder / "calls"

    def does(self, script: str) -> None:
        self.program.write_text(f'#!/bin/sh\necho "$@" >> {self.calls}\ntest -f package-lock.json || exit 9\n{script}\n')
        self.program.chmod(0o755)


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Npm:
    monkeypatch.setenv("AERIAL_OPS_CACHE", str(tmp_path / "cache"))
    npm = Npm(tmp_path)
    monkeypatch.setattr(azurite, "find_node", lambda: Node(Path("/usr/bin/node"), (str(npm.program),), 22))
    return npm


def left_in_cache(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "cache" / "azurite").iterdir() if path.is_dir()]


def test_the_lock_file_pins_by_hash_and_names_no_registry() -> None:
    lock = json.loads(azurite._text(azurite.LOCK))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert len(packages) > 300
    assert all("integrity" in entry and "resolved" not in entry for entry in packages.values())
    assert packages["node_modules/azurite"]["version"] == azurite.version() == "3.37.0"
    assert lock["packages"][""]["dependencies"] == json.loads(azurite._text(azurite.MANIFEST))["dependencies"]


def test_installed_once(npm: Npm, tmp_path: Path) -> None:
    npm.does(COMPLETE)
    installed = azurite.ensure_azurite(SILENT)
    assert installed.program.is_file()
    assert azurite.ensure_azurite(SILENT) == installed
    assert npm.calls.read_text() == "ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error\n"
    assert left_in_cache(tmp_path) == [installed.folder]


def test_npms_failure_leaves_nothing_and_is_told(npm: Npm, tmp_path: Path) -> None:
    npm.does(f"{INSTALLS}; echo 'E404 not found' >&2; exit 1")
    with pytest.raises(EmulatorError, match=r"npm could not install Azurite 3.37.0 \(exit code 1\)") as caught:
        azurite.ensure_azurite(SILENT)
    assert "E404 not found" in caught.value.left
    assert left_in_cache(tmp_path) == []
    npm.does(COMPLETE)
    azurite.ensure_azurite(SILENT)


@pytest.mark.parametrize("lost", [azurite.PROGRAM, azurite.INSTALLED])
def test_a_half_install_is_noticed(npm: Npm, lost: Path) -> None:
    npm.does(INSTALLS)
    with pytest.raises(EmulatorError, match="could not install"):
        azurite.ensure_azurite(SILENT)
    npm.does(COMPLETE)
    installed = azurite.ensure_azurite(SILENT)
    (installed.folder / lost).unlink()
    assert (azurite.ensure_azurite(SILENT).folder / lost).exists()


def test_the_key_is_in_the_environment_and_not_in_the_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURITE_DB", "somewhere")
    monkeypatch.setenv("NODE_OPTIONS", "--inspect")
    monkeypatch.setenv("AERIAL_OPS_STORAGE_KEY", "secret")
    account = azurite.Account("acc", azurite.new_key(), 12345, Certificates.within(tmp_path))
    installed = azurite.Azurite(Node(Path("/usr/bin/node"), ("npm",), 22), tmp_path)
    service = azurite.service(installed, account, tmp_path / "a b")
    assert account.key not in " ".join(service.command)
    assert service.environment["AZURITE_ACCOUNTS"] == f"acc:{account.key}"
    assert not {"AZURITE_DB", "NODE_OPTIONS", "AERIAL_OPS_STORAGE_KEY"} & set(service.environment)
    assert service.environment["PATH"] == os.environ["PATH"]
    assert str(tmp_path / "a b") in service.command
    assert account.host == "acc.blob.localhost:12345"


def test_keys_are_long_and_differ() -> None:
    one, other = azurite.new_key(), azurite.new_key()
    assert len(one) == len(other) == 88
    assert one != other
