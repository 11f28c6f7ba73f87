from pathlib import Path

import pytest

from aerial_ops.errors import ToolError
from aerial_ops.infrastructure.terraform import binary
from aerial_ops.infrastructure.terraform.binary import find_terraform


def program(folder: Path, script: str) -> Path:
    path = folder / "terraform"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_one_that_is_new_enough_is_taken(tmp_path: Path) -> None:
    path = program(tmp_path, """echo '{"terraform_version": "1.11.0-beta1"}'""")
    assert find_terraform(path) == path


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("""echo '{"terraform_version": "1.9.8"}'""", "is Terraform 1.9.8; 1.11 or newer is needed"),
        ("echo hello", "does not say its version"),
        ("exit 1", "does not say its version"),
    ],
)
def test_others_are_refused_with_the_reason(tmp_path: Path, script: str, words: str) -> None:
    with pytest.raises(ToolError, match=words) as caught:
        find_terraform(program(tmp_path, script))
    assert "AERIAL_OPS_TERRAFORM" in caught.value.suggestion


def test_a_missing_one_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(binary, "packaged_terraform", lambda: None)
    with pytest.raises(ToolError, match="not found on PATH"):
        find_terraform()
    with pytest.raises(ToolError, match="nope is not a program"):
        find_terraform(tmp_path / "nope")


@pytest.mark.parametrize("on_path", [None, "1.9.8"])
def test_the_packaged_one_is_taken_when_path_has_none_that_will_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, on_path: str | None
) -> None:
    (tmp_path / "path").mkdir()
    if on_path:
        program(tmp_path / "path", f"""echo '{{"terraform_version": "{on_path}"}}'""")
    packaged = program(tmp_path, """echo '{"terraform_version": "1.15.5"}'""")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(binary, "packaged_terraform", lambda: packaged)
    assert find_terraform() == packaged
