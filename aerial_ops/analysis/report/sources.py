"""What a report is made of, read from storage."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis import text
from aerial_ops.analysis.county import County, county_of
from aerial_ops.analysis.metrics import Metrics
from aerial_ops.analysis.report.examples import Examples, choose_examples
from aerial_ops.analysis.tables import (
    Predictions,
    Rejected,
    blob_name,
    read_places,
    read_predictions,
    read_rejected,
)
from aerial_ops.errors import BlobNotFoundError, UsageError
from aerial_ops.reporting import Reporter
from aerial_ops.runs.history import HOW_TO_START, History, best_of, newest_trainings
from aerial_ops.runs.record import RunRecord
from aerial_ops.storage import layout
from aerial_ops.storage.blobs import BlobStore


@dataclass(frozen=True, slots=True)
class ReportData:
    """Everything the page shows. `models` are the newest trainings of each model; `certainty` is [TILES] of `county`, 0 to 1.

    `predicted` counts scored tiles by class; it is there even when the tiles have no places. `notes` are sentences about
    what is missing or does not agree.
    """

    name: str
    train: RunRecord | None
    score: RunRecord | None
    models: tuple[RunRecord, ...]
    best: RunRecord | None
    examples: Examples
    county: County | None
    certainty: npt.NDArray[np.float64] | None
    predicted: dict[str, int]
    rejected: tuple[Rejected, ...]
    notes: tuple[str, ...]

    @property
    def metrics(self) -> Metrics | None:
        """How good the model is on its test set; None for a network that was trained elsewhere."""
        return self.train.metrics if self.train else None


def collect(store: BlobStore, name: str, reporter: Reporter) -> ReportData:
    """Read what there is about model `name`. Raises UsageError when that is nothing."""
    records = [record for record in History(store, reporter).list() if record.state == "succeeded"]
    train, score = _newest(records, "train", name), _newest(records, "score", name)
    if train is None and score is None:
        known = sorted({record.name for record in records})
        hint = f"Models with runs: {text.sentence_list(known)}." if known else f"There are no runs yet. {HOW_TO_START}"
        raise UsageError(f"There is no finished run of a model {name!r} to report on.", suggestion=hint)
    reading = _Reading(store, name)
    models = newest_trainings(records)
    if train and score and score.created_at < train.created_at:
        reading.notes.append(
            f"The county was scored ({text.moment(score.created_at)} UTC) before this training "
            f"({text.moment(train.created_at)} UTC): the map is an older model's. Score it again: aerial-ops score --name {name}"
        )
    county, certainty, predicted = reading.county(score, _classes(train))
    return ReportData(
        name=name,
        train=train,
        score=score,
        models=tuple(models),
        best=best_of(models) if models else None,
        examples=reading.examples(train, reporter),
        county=county,
        certainty=certainty,
        predicted=predicted,
        rejected=tuple(reading.rejected()),
        notes=tuple(reading.notes),
    )


def _newest(records: Sequence[RunRecord], kind: str, name: str) -> RunRecord | None:
    return next((record for record in records if record.kind == kind and record.name == name), None)


def _classes(train: RunRecord | None) -> tuple[str, ...]:
    return train.metrics.classes if train and train.metrics else layout.CLASSES


class _Reading:
    """Reads the tables of one model, and notes what is not there."""

    def __init__(self, store: BlobStore, name: str) -> None:
        self._store = store
        self._name = name
        self.notes: list[str] = []

    def examples(self, train: RunRecord | None, reporter: Reporter) -> Examples:
        """Pictures of test tiles; none when there is no training."""
        if train is None:
            return Examples((), ())
        table = layout.test_predictions(self._name)
        raw = self._read(layout.PREDICTIONS, table)
        if raw is None:
            self.notes.append(
                f"The test set's predictions ({layout.PREDICTIONS}/{table}) are not in storage; no tiles can be shown."
            )
            return Examples((), ())
        predictions = read_predictions(raw, f"{layout.PREDICTIONS}/{table}", labelled=True)
        self._check(train, predictions)
        certainty = self._certainty(table, predictions)
        with reporter.task("Pictures of test tiles") as task:
            examples = choose_examples(self._store, predictions, certainty, task)
        if predictions.paths and not (examples.right or examples.wrong):
            self.notes.append(f"The test images are not in the container {layout.TEST}; no tiles can be shown.")
        return examples

    def county(
        self, score: RunRecord | None, classes: Sequence[str]
    ) -> tuple[County | None, npt.NDArray[np.float64] | None, dict[str, int]]:
        """The scored county, how sure the model was of each tile, and tiles by class."""
        table = layout.county_predictions(self._name)
        raw = self._read(layout.PREDICTIONS, table) if score else None
        if raw is None:
            if score:
                self.notes.append(
                    f"The county was scored, but its predictions ({layout.PREDICTIONS}/{table}) are not in storage."
                )
            return None, None, dict(score.predicted) if score else {}
        predictions = read_predictions(raw, f"{layout.PREDICTIONS}/{table}", labelled=False)
        names, counts = np.unique(np.array(predictions.predicted, dtype=object), return_counts=True)
        predicted = {str(label): int(tiles) for label, tiles in zip(names, counts, strict=True)}
        where = f"{layout.COUNTY}/{layout.TILE_SUMMARIES}"
        raw = self._read(layout.COUNTY, layout.TILE_SUMMARIES)
        if raw is None:
            self.notes.append(f"The tiles' places ({where}) are not in storage, so there is no map.")
            return None, None, predicted
        county = county_of(read_places(raw, where), predictions, classes)
        if not len(county):
            self.notes.append(f"None of the scored tiles is in {where}, so there is no map.")
            return None, None, predicted
        sure = self._certainty(table, predictions)
        by_name = {path.rpartition("/")[2]: value for path, value in zip(predictions.paths, sure, strict=True)} if sure else {}
        certainty = np.array([by_name[name.rpartition("/")[2]] for name in county.places.names]) if by_name else None
        return county, certainty, predicted

    def rejected(self) -> list[Rejected]:
        """The images that the newest job of this model set aside."""
        table = layout.rejected(self._name)
        raw = self._read(layout.PREDICTIONS, table)
        return read_rejected(raw, f"{layout.PREDICTIONS}/{table}") if raw else []

    def _read(self, container: str, name: str) -> bytes | None:
        try:
            return self._store.read(container, name)
        except BlobNotFoundError:
            return None

    def _check(self, train: RunRecord, predictions: Predictions) -> None:
        """Say so when the table of predictions is not the one that the record counts."""
        if train.metrics is None:
            return
        found = Metrics.from_predictions(
            predictions.labels,
            predictions.predicted,
            (*train.metrics.classes, *sorted({*predictions.labels, *predictions.predicted} - {*train.metrics.classes})),
        )
        if found.confusion != train.metrics.confusion:
            self.notes.append(
                f"The test set's predictions in storage are not those of run {train.run_id}: they give an accuracy of "
                f"{text.percent(found.accuracy)}, the run's record {text.percent(train.metrics.accuracy)}. "
                "The numbers here are the record's."
            )

    def _certainty(self, table: str, predictions: Predictions) -> list[float]:
        """The probability of each predicted label, from the Parquet file beside the table; empty when that is not there."""
        from pyarrow import ArrowException, parquet

        raw = self._read(layout.PREDICTIONS, table.removesuffix(".csv") + ".parquet")
        if raw is None:
            return []
        try:
            columns = parquet.read_table(io.BytesIO(raw)).to_pydict()
            rows = zip(columns["filepath"], columns["pred_label"], strict=True)
            found = {blob_name(path): float(columns[f"p_{label}"][i]) for i, (path, label) in enumerate(rows)}
            return [found[path] for path in predictions.paths]
        except (ArrowException, KeyError, ValueError, TypeError):
            self.notes.append(f"The probabilities beside {layout.PREDICTIONS}/{table} are not readable; they are left out.")
            return []
