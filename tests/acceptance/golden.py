"""Golden files: commands as a user types them, each with what it prints.

    # a comment
    $ aerial-ops data sample images
    what it prints on stdout
    ! what it prints on stderr (only where the command fails, or behind `$!`)
    [exit 2]

What differs from run to run (times, ids, ports, folders) is masked. `UPDATE_GOLDEN=1 pytest tests/acceptance` writes the files
anew; read the difference before you commit it.
"""

import difflib
import os
import re
import subprocess
import sys
from pathlib import Path

MASKS = (
    (r"\d{8}T\d{6}-[0-9a-f]{4}", "<RUN>"),
    (r"\b[0-9a-f]{16,64}\b", "<HASH>"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|\+00:00)?( UTC)?", "<TIME>"),
    (r"\d{4}-\d\d-\d\d", "<DATE>"),
    (r"\d+\.\d\d \$(?!/h)", "<COST> $"),
    (r"in \d+ h( \d+ min)?", "in <HOURS>"),
    (r"\bao[a-z0-9]{4}-default", "<CLUSTER>"),
    (r"(localhost|127\.0\.0\.1):\d+", r"\1:<PORT>"),
    (r"\$\d+\.\d\d\b", "$<COST>"),
    (r"(?<=running) +\d+ +\d+", "  <PID>  <PORT>"),
    (r"(\b\d+ min )?\b\d+(\.\d+)? s\b|\b\d+ min\b", "<SECONDS>"),
    (r"\d+\.\d(?= to | %|%)", "<PERCENT>"),
    (r"0\.\d{3,}", "<SHARE>"),
)

PROGRESS = re.compile(r"[\w-]+-(train|score)-\d{8}T\d{6}-[0-9a-f]{4}: ")  # how many of a job's stages are seen depends on time


def check(golden: Path, folder: Path, extra_masks: tuple[tuple[str, str], ...] = ()) -> None:
    """Run the commands of `golden` in `folder`, in their order, and compare what they print."""
    expected = golden.read_text()
    commands = [line for line in expected.splitlines() if line.startswith(("$ ", "$! ", "#"))]
    actual = "\n".join(_run(line, folder, extra_masks) for line in commands).rstrip() + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(actual)
        return
    if actual != expected:
        difference = difflib.unified_diff(expected.splitlines(), actual.splitlines(), "golden", "printed", lineterm="", n=2)
        raise AssertionError("What the commands print has changed:\n" + "\n".join(difference))


def _run(line: str, folder: Path, extra_masks: tuple[tuple[str, str], ...]) -> str:
    if line.startswith("#"):
        return line
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("AERIAL_OPS_") or key == "AERIAL_OPS_CACHE"},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "120",
        "TERM": "dumb",
    }
    command = line.split(" ", 1)[1]
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    told = [text for text in done.stderr.splitlines() if not PROGRESS.match(text)]
    errors = [f"! {text}" for text in told] if done.returncode or line.startswith("$!") else []
    ending = [f"[exit {done.returncode}]"] if done.returncode else []
    printed = _masked("\n".join([*done.stdout.splitlines(), *errors, *ending]), folder, extra_masks)
    return f"{line}\n{printed}\n" if printed else f"{line}\n"


def _masked(text: str, folder: Path, extra_masks: tuple[tuple[str, str], ...]) -> str:
    text = text.replace(str(folder), "<FOLDER>")
    for pattern, mask in (*extra_masks, *MASKS):
        text = re.sub(pattern, mask, text)
    # A mask is as wide as what it hides is not: columns behind it move, so runs of blanks are folded.
    return "\n".join(re.sub(r"(?<=\S)  +", "  ", line).rstrip() for line in text.splitlines())
