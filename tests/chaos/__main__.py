"""`make chaos SCHEDULES=200 SEED=1 JOBS=2`: carry schedules out, print a line each, and tell how many held.

Results are kept below out/chaos: what was carried out with the same seed is not done again (AGAIN=1 does).
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.chaos.carry_out import carry_out
from tests.chaos.grounds import City, Theatre
from tests.chaos.schedule import draw
from tests.chaos.verdict import Outcome

FOLDER = Path("out") / "chaos"
COLUMNS = ("No.", "Command", "Fault", "Moment", "Signal", "Hit", "Exit", "At once", "Down", "Deadline", "Reaper", "Held", "s")
WIDTHS = (4, 16, 22, 6, 12, 3, 4, 7, 4, 8, 6, 4, 3)


def main() -> int:
    """0 when every schedule held."""
    options = _options()
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell has the first ignored: what runs is ended in order
        signal.signal(number, _interrupt)
    if options.shard is not None:
        return _work(options)
    numbers = [options.only] if options.only is not None else list(range(options.schedules))
    file = FOLDER / f"seed{options.seed}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    kept = {} if options.again or options.only is not None else _kept(file)
    todo = [number for number in numbers if number not in kept]
    print(_line(COLUMNS), flush=True)
    rows = {number: kept[number] for number in numbers if number in kept}
    for row in rows.values():
        print(_told(row), flush=True)
    for row in _carried_out(options, todo):
        rows[row["schedule"]["number"]] = row
        with file.open("a") as results:
            results.write(json.dumps(row) + "\n")
        print(_told(row), flush=True)
    return _sum(list(rows.values()), len(numbers))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos")
    parser.add_argument("--schedules", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", type=int, help="carry out this one alone")
    parser.add_argument("--again", action="store_true", help="also what was carried out before")
    parser.add_argument("--shard", type=json.loads, help=argparse.SUPPRESS)
    return parser.parse_args()


def _carried_out(options: argparse.Namespace, numbers: list[int]) -> Iterator[dict[str, Any]]:
    """The results of several processes, as they come."""
    jobs = min(options.jobs, len(numbers))
    command = [sys.executable, "-m", "tests.chaos", "--seed", str(options.seed), "--shard"]
    reading, writing = os.pipe()
    workers = [
        subprocess.Popen([*command, json.dumps(numbers[job::jobs])], stdout=writing, stdin=subprocess.DEVNULL)
        for job in range(jobs)
    ]
    os.close(writing)
    try:
        with os.fdopen(reading) as lines:
            for line in lines:
                yield json.loads(line)
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGTERM)  # nothing to one that has ended
            worker.wait()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _work(options: argparse.Namespace) -> int:
    """One process: its schedules one after the other, each result a line on stdout."""
    grounds: dict[type, City | Theatre] = {}
    try:
        for number in options.shard:
            schedule = draw(options.seed, number)
            kind = Theatre if schedule.command == "run" else City
            if kind not in grounds:
                grounds[kind] = kind()
            try:
                outcome = carry_out(grounds[kind], schedule)
            except Exception as error:  # the harness itself: told, and the next schedule gets a new ground
                outcome = Outcome(schedule, broken=[f"it could not be carried out: {type(error).__name__}: {error}"])
            os.write(1, (json.dumps(asdict(outcome)) + "\n").encode())
            if outcome.broken:
                grounds.pop(kind).close()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):  # the end is not interrupted once more
            signal.signal(number, signal.SIG_IGN)
        for ground in grounds.values():
            ground.close()
    return 0


def _kept(file: Path) -> dict[int, dict[str, Any]]:
    if not file.exists():
        return {}
    found = [json.loads(line) for line in file.read_text().splitlines()]
    return {row["schedule"]["number"]: row for row in found}


def _told(row: dict[str, Any]) -> str:
    schedule = row["schedule"]
    counts = [row[name] for name in ("at_once", "after_down", "after_deadline", "after_reaper")]
    line = _line(
        (
            schedule["number"],
            schedule["command"],
            schedule["fault"],
            f"{schedule['moment']:.0%}" if schedule["signal"] != "none" else "",
            schedule["signal"],
            row["hit"],
            row["code"],
            *("" if count is None else count for count in counts),
            "no" if row["broken"] else "yes",
            f"{row['seconds']:.0f}",
        )
    )
    if not row["broken"]:
        return line
    again = draw(schedule["seed"], schedule["number"]).again()
    said = "\n".join(f"         | {text}" for text in row["said"].strip().splitlines()[-12:])
    return "\n".join([line, *(f"       ! {sentence}" for sentence in row["broken"]), said, f"       again: {again}"])


def _line(cells: tuple[object, ...]) -> str:
    return "  ".join(f"{cell!s:<{width}}" for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()


def _sum(rows: list[dict[str, Any]], wanted: int) -> int:
    held = [row for row in rows if not row["broken"]]
    signals = sum(row["hit"].startswith("s") for row in rows)
    faults = sum(row["hit"].endswith("f") for row in rows)
    print(f"\n{signals} signals and {faults} faults hit in {len(rows)} schedules.")
    codes = sorted({row["code"] for row in rows})
    print("Exit codes: " + ", ".join(f"{code}: {sum(row['code'] == code for row in rows)}" for code in codes))
    print(f"{len(held)} of {wanted} schedules held.")
    return 0 if len(held) == wanted else 1


if __name__ == "__main__":
    began = time.monotonic()
    try:
        ending = main()
    except KeyboardInterrupt:
        sys.exit("Stopped; what was carried out is kept." if "--shard" not in sys.argv else 130)
    if "--shard" not in sys.argv:
        print(f"It took {(time.monotonic() - began) / 60:.0f} min.")
    sys.exit(ending)
