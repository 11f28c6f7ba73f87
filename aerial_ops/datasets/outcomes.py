"""What became of each tile, a JSON line each, written as the work goes on: a second run goes on where the first was stopped."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """One tile: kept when `dropped` says no reason. `scenes` gave its pixels; `missing` and `cloud` are shares of them."""

    container: str
    path: str
    dropped: str
    scenes: tuple[str, ...]
    missing: float
    cloud: float


class Outcomes:
    """Outcomes by (container, path), those of an interrupted run included. A line torn by a crash is not read."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[tuple[str, str], Outcome] = {}
        for line in file.read_bytes().splitlines() if file.exists() else ():
            try:
                found = json.loads(line)
                outcome = Outcome(**{**found, "scenes": tuple(found["scenes"])})
            except (ValueError, TypeError, KeyError):
                continue
            self._known[outcome.container, outcome.path] = outcome

    def __contains__(self, tile: tuple[str, str]) -> bool:
        return tile in self._known

    def __getitem__(self, tile: tuple[str, str]) -> Outcome:
        return self._known[tile]

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Remember outcomes, here and in the file."""
        found = list(outcomes)
        self._known |= {(outcome.container, outcome.path): outcome for outcome in found}
        with self._file.open("a", encoding="utf-8") as file:
            file.write("".join(f"\n{json.dumps(vars(outcome))}" for outcome in found))

    def remove(self) -> None:
        """Remove the file: the set is complete, and its tables say all of it."""
        self._file.unlink(missing_ok=True)
