"""A command is killed at a seeded moment; then one `down`. What is left, of this environment, must be nothing."""

import os
import random
import signal
import subprocess
from dataclasses import dataclass

import psutil

from tests.infrastructure.town import Metropolis

START = 0.2  # the share of a command's time in which it only gets ready


@dataclass(frozen=True)
class Outcome:
    """One schedule: what was killed when, how far it was, how the `down` afterwards ended, and what it left."""

    verb: str
    seconds: float
    existed: int
    code: int
    left: list[str]
    said: str

    def __str__(self) -> str:
        what = f"left {', '.join(self.left)}" if self.left else "left nothing"
        when = f"{self.verb:>4} killed after {self.seconds:5.2f} s with {self.existed:2} resources"
        return f"{when}; down ended with {self.code} and {what}"


def kill_and_clean(city: Metropolis, name: str, verb: str, seconds: float, *, group: bool) -> Outcome:
    """Run `verb`, kill it after so long (with everything it has started, when `group`), then one `down`."""
    if verb == "down":
        city.run("--env", name, "up", "--yes")
    process = city.start("--env", name, verb, "--yes", own_provider=True)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        victims = [psutil.Process(process.pid), *(psutil.Process(process.pid).children(recursive=True) if group else [])]
        for victim in victims:
            try:
                os.kill(victim.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
    process.communicate()
    existed = len(city.of(name))
    after = city.start("--env", name, "down", "--yes")
    said = "".join(after.communicate(timeout=300))
    return Outcome(verb, seconds, existed, after.returncode, [item["id"] for item in city.of(name)], said)


def run_schedules(city: Metropolis, count: int, seed: int, longest: dict[str, float]) -> list[Outcome]:
    """`count` moments of `up` and as many of `down`, in turn killing the command alone and with all its children.

    The moments are spread over the command: one falls by chance into each of `count` equal parts of its time after the start.
    """
    dice = random.Random(seed)
    outcomes = []
    for number in range(count):
        for verb in ("up", "down"):
            first = longest[verb] * START
            seconds = first + (number + dice.random()) / count * (longest[verb] - first)
            outcomes.append(kill_and_clean(city, f"{verb}{seed}n{number}", verb, seconds, group=number % 2 == 1))
    return outcomes
