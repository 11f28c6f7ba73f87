"""What a report is made of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aerial_ops.analysis import text
from aerial_ops.analysis.county import County
from aerial_ops.analysis.metrics import Metrics
from aerial_ops.analysis.older import older_labels
from aerial_ops.analysis.report.examples import Examples
from aerial_ops.analysis.report.reading import Mapped, Reader, Tested
from aerial_ops.analysis.report.results import Results
from aerial_ops.analysis.tables import Rejected
from aerial_ops.errors import UsageError
from aerial_ops.reporting import SILENT, Reporter
from aerial_ops.runs.history import HOW_TO_START, best_of, newest_trainings
from aerial_ops.runs.record import RunRecord
from aerial_ops.storage import layout


@dataclass(frozen=True, slots=True)
class ReportData:
    """Everything the page shows. `models` are the newest trainings of each model.

    `mapped` is the county in the newest year or the one asked for, `earlier` those before it, oldest first. `notes` are
    sentences about what is missing or does not agree.
    """

    name: str
    train: RunRecord | None
    score: RunRecord | None
    models: tuple[RunRecord, ...]
    best: RunRecord | None
    test: Tested | None
    mapped: Mapped
    earlier: tuple[Mapped, ...]
    rejected: tuple[Rejected, ...]
    notes: tuple[str, ...]

    @property
    def metrics(self) -> Metrics | None:
        """How good the model is on its test set; None for a network that was trained elsewhere."""
        return self.train.metrics if self.train else None

    @property
    def examples(self) -> Examples:
        """Pictures of test tiles."""
        return self.test.examples if self.test else Examples((), ())

    @property
    def county(self) -> County | None:
        """The scored tiles and their places."""
        return self.mapped.county

    @property
    def runs(self) -> tuple[RunRecord, ...]:
        """The training and the scoring, those there are."""
        return tuple(run for run in (self.train, self.score) if run)


def collect(results: Results, name: str, reporter: Reporter = SILENT, year: str = "") -> ReportData:
    """Read what there is about model `name`, with the map of the newest year or of `year`.

    Raises UsageError when that is nothing or the year is not there, DataError for an unreadable table.
    """
    everything = results.records()
    records = [record for record in everything if record.state == "succeeded"]
    train, score = _newest(records, "train", name), _newest(records, "score", name)
    if train is None and score is None:
        known = sorted({record.name for record in records})
        hint = f"Models with runs: {text.sentence_list(known)}." if known else f"There are no runs yet. {HOW_TO_START}"
        raise UsageError(f"There is no finished run of a model {name!r} to report on.", suggestion=hint)
    reader = Reader(results, name)
    reader.notes += failures(everything)
    models = newest_trainings(records)
    if train and score and score.created_at < train.created_at:
        reader.notes.append(
            f"The county was scored ({text.moment(score.created_at)} UTC) before this training "
            f"({text.moment(train.created_at)} UTC): the map is an older model's. Score it again: aerial-ops score --name {name}"
        )
    years = reader.mapped(score, train.metrics.classes if train and train.metrics else layout.CLASSES)
    at = _position(years, name, year)
    return ReportData(
        name=name,
        train=train,
        score=score,
        models=tuple(models),
        best=best_of(models) if models else None,
        test=reader.test_set(train, reporter),
        mapped=years[at],
        earlier=years[:at],
        rejected=tuple(reader.rejected()),
        notes=tuple(reader.notes),
    )


def failures(records: Sequence[RunRecord]) -> list[str]:
    """A sentence for each model whose newest training did not succeed; `records` are newest first."""
    newest: dict[str, RunRecord] = {}
    for record in records:
        if record.kind == "train":
            newest.setdefault(record.name, record)
    ends = {"failed": "failed", "killed": "was killed", "lost": "was lost"}
    return [
        f"The newest training of {one.name} {ends[one.state]}"
        + (f": {one.error.message.splitlines()[0]}" if one.error and one.error.message else ".")
        for one in newest.values()
        if one.state != "succeeded"
    ]


def with_older_labels(data: ReportData, path: Path, classes: Path | None = None) -> ReportData:
    """The same with older labels from a file, not those in storage; see `older_labels`. Raises UsageError without a map."""
    if data.county is None:
        raise UsageError(
            f"There is no map of model {data.name!r} to lay older labels onto.",
            suggestion=f"Score the county first: aerial-ops score --name {data.name}",
        )
    return replace(data, mapped=replace(data.mapped, older=older_labels(path, data.county, classes)))


def _newest(records: Sequence[RunRecord], kind: str, name: str) -> RunRecord | None:
    return next((record for record in records if record.kind == kind and record.name == name), None)


def _position(years: Sequence[Mapped], name: str, year: str) -> int:
    if not year:
        return len(years) - 1
    known = [mapped.year for mapped in years]
    if year not in known:
        named = [one for one in known if one]
        hint = f"Years that were scored: {text.sentence_list(named)}." if named else "Its tiles do not lie in folders of years."
        raise UsageError(f"Model {name!r} has scored no tiles of {year}.", suggestion=hint)
    return known.index(year)
