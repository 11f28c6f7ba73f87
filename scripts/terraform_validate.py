"""`terraform validate` for every root, in a copy, with the stand-in for the azurerm provider: nothing is downloaded."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from aerial_ops.emulator.azurerm.mirror import write_mirror
from aerial_ops.infrastructure.terraform.binary import find_terraform

TERRAFORM = Path(__file__).resolve().parents[1] / "terraform"
ROOTS = ("data", "compute", "roles")


def main() -> None:
    """Exit 1 with Terraform's words when a root is not valid."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(TERRAFORM, Path(folder) / "terraform", ignore=shutil.ignore_patterns(".terraform*")))
        environment = {**os.environ, "TF_CLI_CONFIG_FILE": str(write_mirror(Path(folder))), "TF_IN_AUTOMATION": "1"}
        program = find_terraform(Path(named) if (named := os.environ.get("AERIAL_OPS_TERRAFORM")) else None)
        for root in ROOTS:
            for command in (["init", "-backend=false", "-input=false"], ["validate"]):
                done = subprocess.run(
                    [program, f"-chdir={copy / root}", *command], env=environment, capture_output=True, text=True, check=False
                )
                if done.returncode:
                    sys.exit(f"terraform/{root} is not valid.\n{done.stdout}{done.stderr}")
    print(f"{len(ROOTS)} Terraform roots are valid.")


if __name__ == "__main__":
    main()
