"""Make the virtual environment `.venv`, once: checks what must be there first, and says in a sentence what is missing.

Only the standard library: it runs on the system's Python. Two at a time wait for each other; a half-made one is made again.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PACKAGED = VENV / "terraform"
STAMP = VENV / "aerial-ops.stamp"
EXTRAS = "geo,notebook,dev"


def main() -> None:
    """Check, lock, make."""
    missing = [*check_python(), *check_java(), *check_terraform()]
    if missing:
        sys.exit("\n".join(missing))
    with (ROOT / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not STAMP.exists() or STAMP.read_text() != fingerprint():
            make()


def check_python() -> list[str]:
    """Python 3.11 or newer, with venv."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file meets Pythons that the project does not run on
        hint = "Debian and Ubuntu: sudo apt install python3.11 python3.11-venv, then: make PYTHON=python3.11"
        return [f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}. {hint}"]
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        return ["Python's venv module is not installed. Debian and Ubuntu: sudo apt install python3-venv"]
    return []


def check_java() -> list[str]:
    """Java 17 runs Spark and Livy; a newer one does not."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin" if home else None)
    hint = "Debian and Ubuntu: sudo apt install openjdk-17-jre-headless. macOS: brew install openjdk@17"
    if java is None:
        where = f" in JAVA_HOME ({home})" if home else ""
        return [f"Java 17 is needed for Spark and was not found{where}. {hint}"]
    text = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', text)
    if not found or int(found[1]) != 17:
        return [f"Java 17 is needed for Spark; {java} is version {found[1] if found else 'unknown'}. {hint}"]
    return []


def check_terraform() -> list[str]:
    """A Terraform that is named must be one, 1.11 or newer; where PATH has none, one comes from PyPI."""
    named = os.environ.get("AERIAL_OPS_TERRAFORM")
    if not named or new_enough(named):
        return []
    hint = "Name another, or none: then the one on PATH is taken, or one from PyPI."
    return [f"AERIAL_OPS_TERRAFORM={named} is not a Terraform 1.11 or newer. {hint}"]


def new_enough(terraform: str) -> bool:
    """Whether that is a program, and a Terraform of 1.11 or newer."""
    program = shutil.which(terraform)
    if program is None:
        return False
    text = subprocess.run([program, "version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"v(\d+)\.(\d+)", text)
    return bool(found and (int(found[1]), int(found[2])) >= (1, 11))


def fingerprint() -> str:
    """Changes when the environment must be made again."""
    files = [ROOT / "pyproject.toml", ROOT / "constraints.txt", Path(__file__)]
    return hashlib.sha256(b"".join(f.read_bytes() for f in files) + sys.version.encode() + str(ROOT).encode()).hexdigest()


def node_is_there() -> bool:
    """Whether PATH has a Node that Azurite runs on; else one comes from PyPI."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    found = re.match(r"v(\d+)", subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout)
    return bool(found and int(found[1]) >= 18)


def usable() -> bool:
    """Whether the environment's Python runs and is of this version."""
    python = VENV / "bin" / "python"
    if not python.exists():
        return False
    done = subprocess.run([python, "-c", "import sys, pip; print(sys.version)"], capture_output=True, text=True, check=False)
    return done.stdout.strip() == sys.version


def make() -> None:
    """The environment, from pinned packages."""
    print("Setting up .venv (a minute or two, once) ...", file=sys.stderr)
    STAMP.unlink(missing_ok=True)
    if not usable():
        # Not this Python, which may be that of an environment itself, .venv too.
        base = getattr(sys, "_base_executable", sys.executable)
        if subprocess.run([base, "-m", "venv", "--clear", VENV], check=False).returncode:
            sys.exit(f"{base} could not make a virtual environment in {VENV} (above is why).")
    terraform_is_there = new_enough(os.environ.get("AERIAL_OPS_TERRAFORM") or "terraform")
    extras = ",".join([EXTRAS, *([] if node_is_there() else ["node"]), *([] if terraform_is_there else ["terraform"])])
    pip = [VENV / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*pip, "-c", "constraints.txt", "-e", f".[{extras}]"], cwd=ROOT, check=False)
    if done.returncode:
        sys.exit("Packages could not be installed (above is why). Mend that, then run make again: it goes on.")
    if not terraform_is_there:
        name_terraform()
    STAMP.write_text(fingerprint())


def name_terraform() -> None:
    """The packaged Terraform under its own name, in a folder that the Makefile puts on PATH."""
    PACKAGED.mkdir(exist_ok=True)
    (PACKAGED / "terraform").unlink(missing_ok=True)
    (PACKAGED / "terraform").symlink_to(VENV / "bin" / "aerial-ops-terraform")


if __name__ == "__main__":
    main()
