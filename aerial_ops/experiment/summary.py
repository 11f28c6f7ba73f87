"""An experiment in a few lines of Markdown: price, result, teardown. What a CI job shows on its page."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aerial_ops.errors import AerialOpsError
from aerial_ops.infrastructure.approval import Approve, Proposal
from aerial_ops.infrastructure.down import Removed

if TYPE_CHECKING:
    from aerial_ops.experiment.run import Outcome


@dataclass
class Summary:
    """Appends to `path`, where there is one, as things become known: a run that is killed leaves what it knew.

    A page that cannot be written is told by `note`, once, and ends nothing.
    """

    path: Path | None
    name: str
    note: Callable[[str], None] = lambda text: None

    def noting(self, approve: Approve) -> Approve:
        """`approve`, and the price is written when it allows one."""

        def noted(proposal: Proposal) -> None:
            approve(proposal)
            if proposal.rate and proposal.usd_until_deadline is not None and proposal.deadline:
                self._add(
                    f"Price: {proposal.rate.usd_per_hour:.2f} $/h ({proposal.rate.source} of {proposal.rate.listed_on}), "
                    f"{proposal.usd_until_deadline:.2f} $ at most, until {proposal.deadline:%Y-%m-%d %H:%M} UTC."
                )

        return noted

    @contextmanager
    def running(self, what: str) -> Iterator[None]:
        """A heading; and, when it ends in an error, what that says."""
        self._add(f"### {what} {self.name}")
        try:
            yield
        except BaseException as error:
            code = error.exit_code if isinstance(error, AerialOpsError) else 130 if isinstance(error, KeyboardInterrupt) else 1
            words = error.message if isinstance(error, AerialOpsError) else type(error).__name__
            left = error.left if isinstance(error, AerialOpsError) else ""
            self._add(f"**Failed** (exit code {code}): {words}", *([f"```\n{left}\n```"] if left else []))
            raise

    def outcome(self, outcome: "Outcome") -> "Outcome":
        """The models, the best of them, the map, what is left, the bill."""
        rows = ["| Model | Right | In three groups |", "|---|---:|---:|"]
        for run in outcome.results.trained:
            if run.metrics:
                name = f"**{run.name}** (the best)" if run is outcome.results.best else run.name
                rows.append(f"| {name} | {run.metrics.accuracy:.1%} | {run.metrics.groups.accuracy:.1%} |")
        rows += [f"| {name} | failed | |" for name in outcome.results.failed]
        tiles = sum(outcome.results.scored.predicted.values()) if outcome.results.scored else 0
        self._add("\n".join(rows), *([f"{tiles:,} tiles of the county were classified."] if tiles else []))
        for name, error in outcome.results.failed.items():
            self._add(f"{name}: failed (exit code {outcome.exit_code}): {error.message}")
        self._add(f"It took {outcome.steps.seconds / 60:.0f} min.")
        self.removed(outcome.removed)
        return outcome

    def removed(self, removed: Removed | None) -> Removed | None:
        """What became of the environment."""
        if removed is None:
            self._add("The environment was kept, as the experiment says; it goes at its deadline.")
            return None
        there = "the data was kept" if removed.kept_data else f"{removed.left} left, as Azure lists them by tag"
        gone = f"Removed: {len(removed.names)} things, {there}." if removed.names else "There was nothing to remove."
        bill = f" The cluster cost {removed.usd:.2f} $." if removed.usd else ""
        self._add(f"{gone}{bill}")
        return removed

    def _add(self, *paragraphs: str) -> None:
        if self.path is None:
            return
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.writelines(f"{paragraph}\n\n" for paragraph in paragraphs)
        except OSError as error:
            self.note(f"The summary cannot be written to {self.path}: {error.strerror}.")
            self.path = None
