"""The folder of one run of an experiment: its journal, log, results, report and bill. `--resume` goes by the journal.

The journal says which steps were begun and done. What a step depended on is kept with it as a mark: a step is done as long as
its mark is the same, so a training that was changed in the file is done anew and the others are not.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Literal

from aerial_ops.errors import redacted
from aerial_ops.experiment.plan import Experiment
from aerial_ops.infrastructure.journal import Entry, Journal
from aerial_ops.reporting import Reporter

FOLDER, FILE = "runs", "journal.jsonl"
RUN, EXPECTED = "run the experiment", "what it costs"
State = Literal["empty", "interrupted", "failed", "done"]
_STATES: dict[str, State] = {"begun": "interrupted", "failed": "failed", "done": "done", "dropped": "empty"}


def mark_of(*parts: Any) -> str:
    """The same for parts that are the same but for the signatures of addresses; they must fit into JSON."""
    return hashlib.sha256(redacted(json.dumps(parts, sort_keys=True)).encode()).hexdigest()[:16]


def as_kept(plan: Experiment) -> dict[str, Any]:
    """An experiment as the journal has it: without the signatures of addresses."""
    return dict(json.loads(redacted(plan.model_dump_json())))


@dataclass
class RunJournal:
    """What one run was to do and has done. It may be written to from several threads.

    A disk that is full does not end a run whose cluster costs money: it is said once, and the step will be repeated on resuming.
    """

    folder: Path
    report: Reporter
    _lock: Lock = field(default_factory=Lock, init=False, repr=False)
    _told: bool = field(default=False, init=False, repr=False)

    @property
    def name(self) -> str:
        """The run's name: when it was begun."""
        return self.folder.name

    @property
    def _journal(self) -> Journal:
        return Journal(self.folder / FILE)

    # The run as a whole

    def begin(self, plan: Experiment) -> None:
        """Begin, or go on. Raises OSError: nothing costs money yet."""
        self._journal.write("begun", RUN, plan=as_kept(plan))

    def end(self) -> None:
        """Everything was done."""
        self._write("done", RUN)

    def fail(self, step: str, words: str, standing_until: str = "", deadline: str = "") -> None:
        """It has ended without reaching everything, in `step`; or its cluster was left, which had another `deadline` before."""
        self._write("failed", RUN, step=step, error=words, standing_until=standing_until, deadline=deadline)

    def drop(self) -> None:
        """It was refused before anything was made: there is nothing to go on with."""
        self._write("dropped", RUN)

    @property
    def state(self) -> State:
        """How the run ended, as far as is known."""
        last = self._last()
        return _STATES[last.event] if last else "empty"

    @property
    def standing_until(self) -> str:
        """The deadline of a cluster that was left for a look at it; "" when none was."""
        last = self._last()
        return str(last.details.get("standing_until", "")) if last else ""

    @property
    def began(self) -> datetime | None:
        """When it was first begun; None when it was not."""
        return next((entry.at for entry in self._journal.entries() if entry.what == RUN), None)

    @property
    def deadline(self) -> str:
        """The deadline that was allowed before the cluster was left for a look; "" when it never was."""
        runs = [e for e in self._journal.entries() if e.what == RUN and e.details.get("deadline")]
        return str(runs[-1].details["deadline"]) if runs else ""

    @property
    def plan(self) -> dict[str, Any]:
        """The experiment as it was when the run was last begun."""
        begun = [entry for entry in self._journal.entries() if entry.what == RUN and entry.event == "begun"]
        return dict(begun[-1].details["plan"]) if begun else {}

    @property
    def where(self) -> str:
        """The step in which it ended."""
        last = self._last()
        if last is not None and last.event == "failed":
            return str(last.details["step"])
        steps = [entry for entry in self._journal.entries() if entry.what not in (RUN, EXPECTED) and entry.event == "begun"]
        return steps[-1].what if steps else "its beginning"

    def expect(self, usd: float) -> None:
        """What it is expected to cost, told before it costs anything."""
        self._write("expected", EXPECTED, usd=usd)

    @property
    def expected(self) -> float | None:
        """What it was expected to cost; None when that was not known."""
        told = [entry for entry in self._journal.entries() if entry.what == EXPECTED]
        return float(told[-1].details["usd"]) if told else None

    # Its steps

    @contextmanager
    def step(self, what: str, mark: str = "") -> Iterator[dict[str, Any]]:
        """A step; what is put into the dictionary is kept with its end."""
        reached: dict[str, Any] = {}
        self._write("begun", what, mark=mark)
        try:
            yield reached
        except BaseException as error:
            self._write("failed", what, mark=mark, error=type(error).__name__)
            raise
        self._write("done", what, mark=mark, **reached)

    def reached(self, what: str, mark: str = "") -> dict[str, Any] | None:
        """What the step has reached when it was last done with this mark; None when it was not."""
        return self._newest("done", what, mark)

    def order(self, what: str, mark: str, run_id: str) -> None:
        """The step is done by this job; written before the job is submitted, so that it is never submitted twice."""
        self._write("ordered", what, mark=mark, run_id=run_id)

    def ordered(self, what: str, mark: str) -> str:
        """The job by which the step was done last; "" when none was ordered."""
        return str((self._newest("ordered", what, mark) or {}).get("run_id", ""))

    # Inside

    def _newest(self, event: str, what: str, mark: str) -> dict[str, Any] | None:
        found = [e for e in self._journal.entries() if (e.event, e.what, e.details.get("mark")) == (event, what, mark)]
        return found[-1].details if found else None

    def _last(self) -> Entry | None:
        runs = [entry for entry in self._journal.entries() if entry.what == RUN]
        return runs[-1] if runs else None

    def _write(self, event: str, what: str, **details: Any) -> None:
        with self._lock:
            try:
                self._journal.write(event, what, **details)
            except OSError as error:
                if not self._told:
                    self.report.note(f"The journal of this run cannot be written ({error.strerror}): --resume may repeat steps.")
                self._told = True


def runs_of(home: Path, report: Reporter) -> list[RunJournal]:
    """The runs in an experiment's home, oldest first."""
    return [RunJournal(path.parent, report) for path in sorted((home / FOLDER).glob(f"*/{FILE}"))]


def new_run(home: Path, report: Reporter) -> RunJournal:
    """A run that is not begun yet."""
    return RunJournal(home / FOLDER / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}", report)
