"""Several years of one county: their tiles lie in folders that are named by the year, and one scoring covers all of them."""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.tables import Places, Predictions

_YEAR = re.compile(r"((?:19|20)\d{2})/[^/]+")


@dataclass(frozen=True, slots=True)
class Year:
    """One year's tiles and what was predicted of them; `name` is empty when the county is not divided by years."""

    name: str
    places: Places
    predictions: Predictions


def by_year(places: Places, predictions: Predictions) -> tuple[Year, ...]:
    """The years of a county, oldest first; the county as a whole unless every tile lies in a year's folder.

    Tiles keep their names, so the tables beside them (older labels, probabilities) still fit. Places that were left out as
    unusable are counted with the newest year.
    """
    found = [_YEAR.fullmatch(name) for name in places.names]
    names = [match[1] for match in found if match]
    if not names or len(names) < len(found):
        return (Year("", places, predictions),)
    years = sorted(set(names))
    return tuple(
        Year(year, _places(places, np.array(names) == year, newest=year == years[-1]), _predictions(predictions, f"{year}/"))
        for year in years
    )


def _places(places: Places, chosen: npt.NDArray[np.bool_], *, newest: bool) -> Places:
    kept = [name for name, keep in zip(places.names, chosen, strict=True) if keep]
    south, west, north, east = (side[chosen] for side in (places.south, places.west, places.north, places.east))
    return Places(kept, south, west, north, east, unusable=places.unusable if newest else 0)


def _predictions(predictions: Predictions, folder: str) -> Predictions:
    chosen = [k for k, path in enumerate(predictions.paths) if path.startswith(folder)]
    paths, predicted, labels = (
        [column[k] for k in chosen] if column else [] for column in (predictions.paths, predictions.predicted, predictions.labels)
    )
    return Predictions(paths, predicted, labels)
