"""What follows from a model's results beyond its metrics: land with uncertainty, calibration."""

import numpy as np

from aerial_ops.analysis.areas import Areas
from aerial_ops.analysis.calibration import Calibration, calibration
from aerial_ops.analysis.report.sources import ReportData
from aerial_ops.analysis.shares import corrected_areas


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
