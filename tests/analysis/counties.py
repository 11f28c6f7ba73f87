"""Counties of a known shape: square tiles on a grid that may be turned and have holes."""

from collections.abc import Sequence

import numpy as np

from aerial_ops.analysis.county import County, county_of
from aerial_ops.analysis.tables import Places, Predictions

METRES = 224.0
LATITUDE, LONGITUDE = 42.5, -71.4
METRES_UP, METRES_ACROSS = 111_081.6, 82_182.8
"""Length of a degree there; known to a tenth of a metre."""


def places_at(
    rows: np.ndarray, cols: np.ndarray, *, turned: float = 0.0, metres: float = METRES, shift: tuple[float, float] = (0.0, 0.0)
) -> Places:
    """Tiles at rows (from the north) and cols, the grid turned by `turned` degrees and shifted (east, north) in metres."""
    angle = np.radians(turned)
    east = (cols * np.cos(angle) + rows * np.sin(angle)) * metres + shift[0]
    north = (cols * np.sin(angle) - rows * np.cos(angle)) * metres + shift[1]
    lat, lon = LATITUDE + north / METRES_UP, LONGITUDE + east / METRES_ACROSS
    high, wide = metres / METRES_UP / 2, metres / METRES_ACROSS / 2
    names = [f"t_{i:05d}.png" for i in range(len(rows))]
    return Places(names, lat - high, lon - wide, lat + high, lon + wide)


def county_with(
    rows: np.ndarray, cols: np.ndarray, labels: np.ndarray, classes: Sequence[str], **place: float | tuple[float, float]
) -> County:
    """A county with a class index a tile."""
    places = places_at(rows, cols, **place)  # type: ignore[arg-type]
    return county_of(places, Predictions(places.names, [classes[i] for i in labels], []), classes)


def county_like(board: Sequence[str], classes: dict[str, str], **place: float | tuple[float, float]) -> County:
    """A county drawn with letters, a string a row from the north; a space is a missing tile."""
    cells = [(r, c, letter) for r, line in enumerate(board) for c, letter in enumerate(line) if letter != " "]
    rows, cols = (np.array([cell[i] for cell in cells]) for i in (0, 1))
    names = list(classes.values())
    labels = np.array([names.index(classes[letter]) for _, _, letter in cells])
    return county_with(rows, cols, labels, names, **place)
