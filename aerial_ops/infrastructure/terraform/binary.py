"""Find Terraform and check that it is new enough."""

import json
import shutil
import subprocess
from pathlib import Path

from aerial_ops.errors import ToolError

OLDEST = (1, 11)
HOW = "Install Terraform 1.11 or newer and put it on PATH, or name it: AERIAL_OPS_TERRAFORM=/path/to/terraform"


def find_terraform(given: Path | None = None) -> Path:
    """The program named by the settings, else the one on PATH. Raises ToolError when it is missing or too old."""
    found = shutil.which(given) if given else shutil.which("terraform")
    if found is None:
        where = f"{given} is not a program" if given else "Terraform was not found on PATH"
        raise ToolError(f"{where}.", suggestion=HOW)
    version = _version(found)
    if tuple(int(part) for part in version.split("-")[0].split(".")[:2]) < OLDEST:
        raise ToolError(f"{found} is Terraform {version}; 1.11 or newer is needed.", suggestion=HOW)
    return Path(found)


def _version(program: str) -> str:
    try:
        done = subprocess.run([program, "version", "-json"], capture_output=True, text=True, check=True, timeout=60)
        return str(json.loads(done.stdout)["terraform_version"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
        raise ToolError(f"{program} does not say its version, as Terraform does: {error}.", suggestion=HOW) from error
