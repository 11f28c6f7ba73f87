"""What an export is made of, read from storage or from a folder of `aerial-ops download`."""

from dataclasses import dataclass
from pathlib import Path

from aerial_ops.analysis.development import newly_developed
from aerial_ops.analysis.export.layers import MapLayers
from aerial_ops.analysis.metrics import Metrics
from aerial_ops.analysis.older import older_labels
from aerial_ops.analysis.report.reading import Reader
from aerial_ops.analysis.report.results import Results
from aerial_ops.errors import DataError, UsageError
from aerial_ops.storage import layout


@dataclass(frozen=True, slots=True)
class Gathered:
    """The maps of one scoring, oldest first: one, or one a `year`. `notes` are sentences about what is missing."""

    maps: list[MapLayers]
    years: list[str]
    metrics: Metrics | None
    notes: list[str]


def gather(results: Results, name: str, older: Path | None = None, classes: Path | None = None) -> Gathered:
    """The newest map of model `name`, one a year where tiles lie in folders named by years.

    Older labels come from the file `older`, else from older_labels.csv beside the tiles' places; `classes` is a class map for
    a raster of codes. Raises UsageError when the model has not scored a county, DataError when its map has no places or a
    table is not readable.
    """
    records = [record for record in results.records() if record.state == "succeeded" and record.name == name]
    score = next((record for record in records if record.kind == "score"), None)
    if score is None:
        raise UsageError(f"Model {name!r} has not scored a county.", suggestion=f"aerial-ops score --name {name}")
    metrics = next((record.metrics for record in records if record.kind == "train" and record.metrics), None)
    reader = Reader(results, name)
    maps = reader.mapped(score, metrics.classes if metrics else layout.CLASSES)
    source = {"MODEL": name, "RUN": score.run_id, "SCORED": f"{score.created_at:%Y-%m-%dT%H:%M:%SZ}", "SOFTWARE": "aerial-ops"}
    found: list[MapLayers] = []
    years: list[str] = []
    for one in maps:
        if one.county is None:
            continue
        labels = older_labels(older, one.county, classes) if older else one.older
        development = newly_developed(one.county, labels, one.developed, metrics=metrics) if labels else None
        title, year = (f"{name}_{one.year}", {"YEAR": one.year}) if one.year else (name, {})
        years.append(one.year)
        found.append(MapLayers(title, one.county, one.certainty, labels or None, development, source | year, metrics))
    if not found:
        raise DataError(
            reader.notes[-1], suggestion=f"The tiles' places belong in {layout.COUNTY}/{layout.TILE_SUMMARIES}: aerial-ops sync"
        )
    return Gathered(found, years, metrics, reader.notes)
