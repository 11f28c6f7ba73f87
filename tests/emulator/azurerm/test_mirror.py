import os
import subprocess
import sys
from pathlib import Path

from aerial_ops.emulator.azurerm.mirror import VERSION, write_mirror


def test_the_mirror_holds_a_program_that_terraform_can_start(tmp_path: Path) -> None:
    config = write_mirror(tmp_path)
    program = next((tmp_path / "providers").rglob(f"terraform-provider-azurerm_v{VERSION}"))
    assert os.access(program, os.X_OK)
    assert program.parent.parent.name == VERSION
    assert f'path    = "{tmp_path / "providers"}"' in config.read_text()
    assert "direct" in config.read_text()


def test_it_can_be_written_again_and_nothing_changes(tmp_path: Path) -> None:
    config = write_mirror(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert write_mirror(tmp_path) == config
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_person_who_starts_the_provider_is_told_what_it_is(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "aerial_ops.emulator.azurerm"],
        env={name: value for name, value in os.environ.items() if name != "TF_PLUGIN_MAGIC_COOKIE"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Terraform starts it" in done.stderr
