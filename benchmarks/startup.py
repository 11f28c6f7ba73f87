"""How long the command line takes to begin: its help beside `import typer`, the commands that look, the emulator's start.

All commands take turns in one run; the figures are medians, of wall time and of the processor time that a command takes. The
emulator is started in an empty folder (first), again in the same one (again), and once more while it runs (running).

usage: python -m benchmarks.startup [--repeats 15] [--starts 3] [--json]
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.commands import Medians, Taken, medians, print_table

KIT = Path(sys.executable).with_name("aerial-ops")
TYPER = "import typer"
HELP = "aerial-ops --help"
WARM_ROUNDS = 1


def timed(*command: str | Path) -> Taken:
    """Seconds of wall and of processor time of a command; those of programs that it leaves running do not count."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if "Traceback" in ended.stderr:
        sys.exit(f"{command} failed:\n{ended.stderr}")
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def starts(home: Path, repeats: int) -> dict[str, list[Taken]]:
    """The emulator's starts; it is left running in the last of the folders."""
    found: dict[str, list[Taken]] = {"first": [], "again": [], "running": []}
    for number in range(repeats):
        kit = (KIT, "--home", home / str(number), "emulator")
        found["first"].append(timed(*kit, "start"))
        timed(*kit, "stop")
        found["again"].append(timed(*kit, "start"))
        found["running"].append(timed(*kit, "start"))
        if number < repeats - 1:
            timed(*kit, "stop")
    return {f"emulator start, {name}": taken for name, taken in found.items()}


def measure(repeats: int, emulator_starts: int) -> Medians:
    """Milliseconds of each command, by median: wall and processor time."""
    with tempfile.TemporaryDirectory(prefix="startup-") as temporary:
        home = Path(temporary) / str(emulator_starts - 1)
        kit = (KIT, "--home", home)
        commands: dict[str, tuple[str | Path, ...]] = {
            TYPER: (sys.executable, "-c", TYPER),
            HELP: (KIT, "--help"),
            "aerial-ops run --help": (KIT, "run", "--help"),
            "aerial-ops env list": (*kit, "env", "list"),
            "aerial-ops status": (*kit, "status"),
            "aerial-ops runs list": (*kit, "runs", "list"),
        }
        try:
            taken: dict[str, list[Taken]] = {name: [] for name in commands} | starts(Path(temporary), emulator_starts)
            for turn in range(1 - WARM_ROUNDS, repeats + 1):
                for name, command in commands.items():
                    one = timed(*command)
                    taken[name] += [one] if turn > 0 else []
                sys.stderr.write(f"round {turn} of {repeats}\n")
        finally:
            timed(*kit, "emulator", "stop")
    return medians(taken, units_a_second=1000)


def main() -> None:
    """Options in, figures out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=15, help="measured rounds")
    parser.add_argument("--starts", type=int, default=3, help="emulators that are started")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    arguments = parser.parse_args()
    found = measure(arguments.repeats, arguments.starts)
    pairs: dict[str, Any] = {
        "help_ratio": round(found[HELP]["wall"] / found[TYPER]["wall"], 3),
        "help_ratio_processor": round(found[HELP]["processor"] / found[TYPER]["processor"], 3),
    }
    if arguments.json:
        print(json.dumps({"milliseconds": found, **pairs}))
        return
    print_table(found, "ms", 0)
    print(" ".join(f"{name}={value}" for name, value in pairs.items()))


if __name__ == "__main__":
    main()
