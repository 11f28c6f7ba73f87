"""The script that installs the jobs' packages on the nodes."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terraform.stack import TERRAFORM

SCRIPT = TERRAFORM / "scripts" / "bootstrap.sh"


def run(folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["bash", str(SCRIPT), str(folder)], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def test_shellcheck_has_nothing_to_say() -> None:
    program = shutil.which("shellcheck", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert program, "shellcheck is a development dependency"
    done = subprocess.run([program, str(SCRIPT)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_package_is_pinned_for_python_3_8() -> None:
    listed = re.search(r"<<'LIST'\n(.*?)\nLIST", SCRIPT.read_text(), re.DOTALL)
    assert listed
    lines = listed[1].splitlines()
    assert all(re.fullmatch(r'[a-z-]+==[0-9.]+(; python_version (<|>=) "3\.9")?', line) for line in lines)
    for package in ("numpy", "onnxruntime", "pillow", "pyarrow"):
        assert [line for line in lines if line.startswith(f"{package}==") and line.endswith('< "3.9"')]


@pytest.mark.slow
def test_it_installs_once_and_repairs_what_is_damaged(tmp_path: Path) -> None:
    folder = tmp_path / "python"
    first = run(folder, AERIAL_OPS_PYTHON=sys.executable)
    assert first.returncode == 0, first.stderr
    probe = "import numpy, onnxruntime, PIL, pyarrow; print(onnxruntime.get_available_providers())"
    assert "CPUExecutionProvider" in subprocess.check_output([folder / "bin" / "python", "-c", probe], text=True)
    second = run(folder, AERIAL_OPS_PYTHON="/nowhere/python")
    assert second.returncode == 0
    assert "Nothing to do" in second.stdout
    shutil.rmtree(next(folder.glob("lib/*/site-packages/numpy")))
    third = run(folder, AERIAL_OPS_PYTHON=sys.executable)
    assert third.returncode == 0 and "Done" in third.stdout


def test_a_node_without_python_is_told_so(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "cat", "sha256sum", "cut"):
        found = shutil.which(name)
        assert found
        (tools / name).symlink_to(found)
    done = run(tmp_path / "python", PATH=str(tools))
    assert done.returncode == 1
    assert "AERIAL_OPS_PYTHON" in done.stderr
    assert not (tmp_path / "python").exists()
