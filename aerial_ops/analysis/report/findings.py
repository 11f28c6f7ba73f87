"""What follows from a model's results beyond its metrics: land with uncertainty, calibration, new development, change."""

from dataclasses import dataclass, replace

import numpy as np

from aerial_ops.analysis.areas import Areas
from aerial_ops.analysis.calibration import Calibration, calibration
from aerial_ops.analysis.change import Change, compare_scorings
from aerial_ops.analysis.development import Development, newly_developed
from aerial_ops.analysis.effect import SmoothingEffect, smoothing_effect
from aerial_ops.analysis.report.differences import Differences, differences
from aerial_ops.analysis.report.places import Place, places
from aerial_ops.analysis.report.results import Results
from aerial_ops.analysis.report.sources import ReportData
from aerial_ops.analysis.shares import corrected_areas

SHOWN = 24


def areas_of(data: ReportData) -> Areas | None:
    """Hectares by class, corrected for the model's mistakes; None without a map or a test set."""
    if data.county is None or data.metrics is None or not data.metrics.total:
        return None
    return corrected_areas(data.metrics.classes, data.metrics.confusion, data.county.square_metres(data.county.raw))


def calibration_of(data: ReportData) -> Calibration | None:
    """How far the model's probabilities can be believed; None without a test set or without probabilities."""
    if data.test is None:
        return None
    predictions = data.test.predictions
    right = np.array(predictions.labels, dtype=object) == np.array(predictions.predicted, dtype=object)
    return calibration(data.test.certainty, right)


def development_of(data: ReportData) -> Development | None:
    """Land that is developed now and was not by the older labels; None when no tile has an older label."""
    mapped = data.mapped
    if mapped.county is None or not mapped.older:
        return None
    found = newly_developed(mapped.county, mapped.older, mapped.developed, metrics=data.metrics)
    return found if found.compared else None


def smoothing_of(data: ReportData) -> SmoothingEffect | None:
    """What smoothing does to the agreement with older labels; None without any. It is no accuracy: land has changed since."""
    county = data.county
    return None if county is None or not data.mapped.older else smoothing_effect(county, county.indices(data.mapped.older))


def change_of(before: ReportData, after: ReportData) -> Change | None:
    """What differs between two maps of the same place; None when one of them has no map.

    Raises DataError when they have no place in common or tiles of different sizes.
    """
    if before.county is None or after.county is None:
        return None
    tested = (before.metrics, after.metrics) if before.metrics and after.metrics else None
    return compare_scorings(before.county, after.county, tested=tested)


@dataclass(frozen=True, slots=True)
class Findings:
    """All of it for one model: `places` are those of the `development` that come first; `differing` compares the oldest year
    with the newest one.
    """

    areas: Areas | None
    calibration: Calibration | None
    smoothing: SmoothingEffect | None
    development: Development | None
    places: tuple[Place, ...]
    differing: Differences | None


def find(results: Results, data: ReportData) -> Findings:
    """What follows from `data`, with pictures of places from the `results`."""
    development = development_of(data)
    shown = development.clusters[:SHOWN] if development else ()
    county, differing = data.county, None
    if data.earlier and data.earlier[0].county is not None and county is not None:
        oldest = replace(data, mapped=data.earlier[0])
        change = change_of(oldest, data)
        titles = oldest.mapped.year, data.mapped.year
        differing = differences(results, titles, change, oldest.mapped, data.mapped) if change else None
    return Findings(
        areas=areas_of(data),
        calibration=calibration_of(data),
        smoothing=smoothing_of(data),
        development=development,
        places=places(results, shown, [county.places.names]) if county is not None else (),
        differing=differing,
    )
