"""Reading the tables of one model, and noting what is not there."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis import text
from aerial_ops.analysis.county import County, county_of
from aerial_ops.analysis.metrics import DEVELOPED, Metrics
from aerial_ops.analysis.probabilities import Probabilities, read_probabilities
from aerial_ops.analysis.report.examples import Examples, choose_examples
from aerial_ops.analysis.report.results import Results
from aerial_ops.analysis.tables import Places, Predictions, Rejected, read_labels, read_places, read_predictions, read_rejected
from aerial_ops.analysis.years import Year, by_year
from aerial_ops.errors import BlobNotFoundError, DataError
from aerial_ops.reporting import Reporter
from aerial_ops.runs.record import RunRecord
from aerial_ops.storage import layout


@dataclass(frozen=True, slots=True)
class Tested:
    """The test set's predictions, how sure the model was of each ([TILES], nan where unknown), and some pictures.

    `places` tells where the tiles lie; None where nothing does.
    """

    predictions: Predictions
    certainty: npt.NDArray[np.float64]
    examples: Examples
    places: Places | None = None


@dataclass(frozen=True, slots=True)
class Mapped:
    """The scored tiles, of one `year` when the county's tiles lie in folders named by years.

    `county` is None when they have no places; then `predicted`, tiles by class, is all there is. [TILES] of the county:
    `certainty` is the probability of each tile's class, `developed` that of Developed (None without a Parquet file, nan for a
    tile that is not in it). `older` are older labels by tile name.
    """

    year: str = ""
    predicted: dict[str, int] = field(default_factory=dict)
    county: County | None = None
    certainty: npt.NDArray[np.float64] | None = None
    developed: npt.NDArray[np.float64] | None = None
    older: dict[str, str] = field(default_factory=dict)


class Reader:
    """Reads what there is of model `name`. `notes` are sentences about what is missing or does not agree."""

    def __init__(self, results: Results, name: str) -> None:
        self._results, self._name = results, name
        self.notes: list[str] = []

    def test_set(self, train: RunRecord | None, reporter: Reporter) -> Tested | None:
        """The test set and pictures of it; None when there is no training or no table."""
        if train is None:
            return None
        table = layout.test_predictions(self._name)
        raw = self.read(layout.PREDICTIONS, table)
        if raw is None:
            self.notes.append(
                f"The test set's predictions ({layout.PREDICTIONS}/{table}) are not in storage; no tiles can be shown."
            )
            return None
        predictions = read_predictions(raw, f"{layout.PREDICTIONS}/{table}", labelled=True)
        self._check(train, predictions)
        known = self._probabilities(table)
        paths = predictions.paths
        certainty = known.certainty(paths, predictions.predicted) if known is not None else np.full(len(paths), np.nan)
        with reporter.task("Pictures of test tiles") as task:
            examples = choose_examples(self._results, predictions, certainty, task)
        if predictions.paths and not (examples.right or examples.wrong):
            self.notes.append(f"The test images are not in the container {layout.TEST}; no tiles can be shown.")
        where = self.read(layout.TEST, layout.TEST_PLACES)
        places = None if where is None else read_places(where, f"{layout.TEST}/{layout.TEST_PLACES}")
        return Tested(predictions, certainty, examples, places)

    def mapped(self, score: RunRecord | None, classes: Sequence[str]) -> tuple[Mapped, ...]:
        """The scored county, a year after the other."""
        if score is None:
            return (Mapped(),)
        table = layout.county_predictions(self._name)
        raw = self.read(layout.PREDICTIONS, table)
        if raw is None:
            self.notes.append(f"The county was scored, but its predictions ({layout.PREDICTIONS}/{table}) are not in storage.")
            return (Mapped(predicted=dict(score.predicted)),)
        predictions = read_predictions(raw, f"{layout.PREDICTIONS}/{table}", labelled=False)
        where = f"{layout.COUNTY}/{layout.TILE_SUMMARIES}"
        raw = self.read(layout.COUNTY, layout.TILE_SUMMARIES)
        if raw is None:
            self.notes.append(f"The tiles' places ({where}) are not in storage, so there is no map.")
            return (Mapped(predicted=_counted(predictions)),)
        known, older = self._probabilities(table), self._older()
        years = by_year(read_places(raw, where), predictions)
        return tuple(self._year(year, where, classes, known, older) for year in years)

    def _year(self, year: Year, where: str, classes: Sequence[str], known: Probabilities | None, older: dict[str, str]) -> Mapped:
        county, counts = county_of(year.places, year.predictions, classes), _counted(year.predictions)
        if not len(county):
            self.notes.append(
                f"None of the scored tiles{f' of {year.name}' if year.name else ''} is in {where}, so there is no map."
            )
            return Mapped(year.name, counts)
        if known is None:
            return Mapped(year.name, counts, county, older=older)
        certainty = known.certainty(county.places.names, [county.classes[label] for label in county.raw])
        return Mapped(year.name, counts, county, certainty, known.of(county.places.names, DEVELOPED), older)

    def rejected(self) -> list[Rejected]:
        """The images that the newest job of this model set aside."""
        table = layout.rejected(self._name)
        raw = self.read(layout.PREDICTIONS, table)
        return read_rejected(raw, f"{layout.PREDICTIONS}/{table}") if raw else []

    def read(self, container: str, name: str) -> bytes | None:
        """A file's content; None when it is not there."""
        try:
            return self._results.read(container, name)
        except BlobNotFoundError:
            return None

    def _older(self) -> dict[str, str]:
        raw = self.read(layout.COUNTY, layout.OLDER_LABELS)
        return {} if raw is None else read_labels(raw, f"{layout.COUNTY}/{layout.OLDER_LABELS}")

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

    def _probabilities(self, table: str) -> Probabilities | None:
        """The Parquet file beside the table; None when it is not there or not readable."""
        raw = self.read(layout.PREDICTIONS, table.removesuffix(".csv") + ".parquet")
        try:
            return None if raw is None else read_probabilities(raw, table)
        except DataError:
            self.notes.append(f"The probabilities beside {layout.PREDICTIONS}/{table} are not readable; they are left out.")
            return None


def _counted(predictions: Predictions) -> dict[str, int]:
    """Tiles by predicted class, in the order of the names."""
    names, counts = np.unique(np.array(predictions.predicted, dtype=object), return_counts=True)
    return {str(label): int(tiles) for label, tiles in zip(names, counts, strict=True)}
