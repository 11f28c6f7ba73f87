"""The raster that a county's tiles make: its reference system, and where its cells lie.

Tables hold the corners of tiles in degrees, not the system that the tiles were cut in. It is found again: in the right
one the tiles lie in straight rows and columns. The candidates are the UTM zones of the place, degrees (WGS 84), Web
Mercator, and the Albers system of the National Land Cover Database.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aerial_ops.analysis.county import County
from aerial_ops.datasets.projection import WGS84, transform
from aerial_ops.errors import DataError

Floats = npt.NDArray[np.float64]

STRAIGHT = 0.02
"""Centres of tiles that miss the cells' centres by no more than this share of a cell lie in straight rows and columns."""
NEARLY = 0.3
PROBES = 2000
MOST_CELLS = 50_000_000


@dataclass(frozen=True, slots=True)
class Frame:
    """A raster of `rows` x `cols` cells in the system `crs`. `transform` is the affine (a, b, c, d, e, f): the corner between
    columns and rows lies at x = a col + b row + c, y = d col + e row + f.

    `misfit` is the largest distance of a tile's centre from its cell's, in cells. `straight` says that the tiles' own edges
    run along the system's axes.
    """

    crs: str
    transform: tuple[float, float, float, float, float, float]
    rows: int
    cols: int
    misfit: float
    straight: bool

    def at(self, cols: Floats, rows: Floats) -> tuple[Floats, Floats]:
        """x and y of points given in columns and rows from the upper-left corner."""
        a, b, c, d, e, f = self.transform
        return a * cols + b * rows + c, d * cols + e * rows + f

    def degrees(self, cols: Floats, rows: Floats) -> tuple[Floats, Floats]:
        """Longitude and latitude of the same."""
        return transform(self.crs, WGS84, *self.at(cols, rows))


def frame_of(county: County) -> Frame:
    """The frame of a county's tiles.

    Raises DataError when they lie on no grid, and ToolError when pyproj is not installed.
    """
    shape = county.grid.shape
    if not county.grid.regular or not len(county) or shape[0] * shape[1] > MOST_CELLS:
        raise DataError(
            "The tiles do not lie on one grid of moderate size, so they are no raster.",
            suggestion="Export tiles instead: --format geojson without --merged, or --format csv.",
        )
    probes = np.unique(np.linspace(0, len(county) - 1, PROBES).astype(int))
    found = [_fitted(county, crs, straight, probes) for crs, straight in _candidates(county)]
    straight = min((frame for frame in found if frame.straight), key=lambda frame: frame.misfit)
    best = straight if straight.misfit <= STRAIGHT else min(found, key=lambda frame: frame.misfit)
    chosen = _fitted(county, best.crs, best.straight, np.arange(len(county)))
    if chosen.misfit > NEARLY:
        raise DataError(
            f"The tiles lie in no straight rows and columns in any known system (off by {chosen.misfit:.0%} of a tile).",
            suggestion="Export tiles instead: --format geojson without --merged, or --format csv.",
        )
    return chosen


def sides(county: County) -> tuple[Floats, Floats, Floats, Floats]:
    """West, south, east and north of the tiles in degrees; longitudes go on beyond 180 or -180 across the date line."""
    places = county.places
    west = np.where(places.west - places.west.min() > 180, places.west - 360, places.west)
    return west, places.south, west + (places.east - places.west), places.north


def _candidates(county: County) -> list[tuple[str, bool]]:
    """Systems, each to be tried with straight rows; the UTM zone and degrees also with turned ones."""
    latitude, longitude = (float(np.median(at)) for at in county.places.centres)
    base = 32600 if latitude >= 0 else 32700
    zone = int(((longitude + 180) % 360) // 6)
    zones = [f"EPSG:{base + (zone + step) % 60 + 1}" for step in (0, -1, 1)]
    return [*((crs, True) for crs in (*zones, WGS84, "EPSG:3857", "EPSG:5070")), (zones[0], False), (WGS84, False)]


def _fitted(county: County, crs: str, straight: bool, tiles: npt.NDArray[np.intp]) -> Frame:
    west, south, east, north = (side[tiles] for side in sides(county))
    x, y = transform(WGS84, crs, np.concatenate([west, east]), np.concatenate([south, north]))
    (x0, x1), (y0, y1) = np.split(x, 2), np.split(y, 2)
    centre_x, centre_y = (x0 + x1) / 2, (y0 + y1) / 2
    col, row = (at[tiles].astype(np.float64) + 0.5 for at in (county.grid.cols, county.grid.rows))
    wide, high = float(np.median(x1 - x0)), float(np.median(y1 - y0))
    if not np.isfinite([centre_x, centre_y]).all():
        return Frame(crs, (1.0, 0.0, 0.0, 0.0, -1.0, 0.0), *county.grid.shape, np.inf, straight)
    if straight:
        a, c = _line(col, centre_x, wide)
        e, f = _line(row, centre_y, -high)
        b = d = 0.0
    else:
        # A step that the tiles do not show (a single row, say) stays that of the grid.
        turn = np.radians(county.grid.turned)
        first = np.array([wide * np.cos(turn), high * np.sin(turn), wide * np.sin(turn), -high * np.cos(turn)])
        (a, b, c), (d, e, f) = (
            _plane(col, row, at, guess) for at, guess in ((centre_x, first[[0, 1]]), (centre_y, first[[2, 3]]))
        )
    off = np.abs([a * col + b * row + c - centre_x, d * col + e * row + f - centre_y])
    step = np.array([[np.hypot(a, d)], [np.hypot(b, e)]])
    return Frame(crs, (a, b, c, d, e, f), *county.grid.shape, float((off / step).max()), straight)


def _line(at: Floats, values: Floats, step: float) -> tuple[float, float]:
    """Slope and start of the line through `values`; the slope is `step` when all lie at one place."""
    if np.ptp(at) > 0:
        middle = at.mean()
        step = float(((at - middle) * (values - values.mean())).sum() / ((at - middle) ** 2).sum())
    return step, float(values.mean() - step * at.mean())


def _plane(col: Floats, row: Floats, values: Floats, guess: Floats) -> tuple[float, float, float]:
    middle = col.mean(), row.mean()
    terms = np.stack([col - middle[0], row - middle[1]], axis=1)
    rest = values - values.mean() - terms @ guess
    along, down = guess + np.linalg.lstsq(terms, rest, rcond=None)[0]
    return float(along), float(down), float(values.mean() - along * middle[0] - down * middle[1])
