"""A command is killed at a seeded moment; then one `down`. What is left, of this environment, must be nothing.

A moment is a number of requests that the cloud has got for the environment: as many moments fall into each part of a command
on a slow machine as on a fast one.
"""

import random
from dataclasses import dataclass

from tests.chaos.ending import Requests, end
from tests.infrastructure.town import Metropolis


@dataclass(frozen=True)
class Outcome:
    """One schedule: what was killed when, what existed then, how the `down` afterwards ended, and what it left."""

    verb: str
    requests: int
    of: int
    existed: int
    code: int
    left: list[str]
    said: str

    def __str__(self) -> str:
        what = f"left {', '.join(self.left)}" if self.left else "left nothing"
        when = f"{self.verb:>4} killed after request {self.requests:3} of about {self.of}, with {self.existed} resources"
        return f"{when}; down ended with {self.code} and {what}"


def measure(city: Metropolis) -> dict[str, int]:
    """How many requests an undisturbed `up` and `down` take."""
    counts = {}
    for verb in ("up", "down"):
        requests = Requests(city, "measure")
        city.run("--env", "measure", verb, "--yes", own_provider=True)
        counts[verb] = requests.count()
    return counts


def kill_and_clean(city: Metropolis, name: str, verb: str, moment: int, of: int, *, family: bool) -> Outcome:
    """Run `verb`, kill it after so many requests (with everything it has started, when `family`), then one `down`."""
    if verb == "down":
        city.run("--env", name, "up", "--yes", own_provider=True)
    requests = Requests(city, name)
    process = city.start("--env", name, verb, "--yes", own_provider=True)
    end(process, "SIGKILL all" if family else "SIGKILL", lambda: requests.count() >= moment)
    process.communicate()
    existed = len(city.of(name))
    after = city.start("--env", name, "down", "--yes")
    said = "".join(after.communicate(timeout=300))
    return Outcome(verb, moment, of, existed, after.returncode, [item["id"] for item in city.of(name)], said)


def run_schedules(city: Metropolis, count: int, seed: int) -> list[Outcome]:
    """`count` moments of `up` and as many of `down`, in turn killing the command alone and with all its children.

    One moment falls by chance into each of `count` equal parts of a command's requests.
    """
    dice, totals, outcomes = random.Random(seed), measure(city), []
    for number in range(count):
        for verb, total in totals.items():
            moment = int((number + dice.random()) / count * total)
            outcomes.append(kill_and_clean(city, f"{verb}{seed}n{number}", verb, moment, total, family=number % 2 == 1))
    return outcomes
