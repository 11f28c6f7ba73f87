"""Rows and columns of tiles, found from where the tiles lie.

Tiles are cut from a projected image, so in degrees their grid is turned a little and slightly curved, and a county's outline
leaves gaps. The grid is found in two steps. First its two base vectors: the median step from a tile to its nearest
neighbour rightward and upward. Then a map from metres to (column, row) is fitted around the middle tile and, round by
round, over twice the distance, so that rounding to whole cells is safe at every step.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

PROBES = 256
FIRST_RADIUS_IN_STEPS = 6.0
FITS_WITHIN = 0.3
DAMPING = 1e-4


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of tiles: `rows` count from the north, `cols` from the west; both [TILES].

    `cell_width` and `cell_height` are in metres; `turned` is the angle in degrees by which rows climb towards the east.
    `regular` is False when the tiles lie on no grid and were put into cells of their own size. `shared` counts tiles whose
    cell holds an earlier tile.
    """

    rows: Ints
    cols: Ints
    cell_width: float
    cell_height: float
    turned: float
    regular: bool
    shared: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return (int(self.rows.max()) + 1, int(self.cols.max()) + 1) if len(self.rows) else (0, 0)


def infer_grid(x: Floats, y: Floats, width: float, height: float) -> Grid:
    """The grid of tiles with centres `x` (eastward) and `y` (northward), [TILES], measuring `width` x `height`; all in metres."""
    steps = _base_vectors(x, y, width, height)
    cols, rows, miss = _cells(x, y, steps)
    taken = _shared(cols, rows)
    regular = bool(miss < FITS_WITHIN and taken <= 0.01 * len(x))
    if not regular:
        steps = np.diag([width, height])
        cols, rows = np.rint((x - x.min()) / width), np.rint((y - y.min()) / height)
        taken = _shared(cols, rows)
    across, up = steps
    return Grid(
        rows=(rows.max() - rows).astype(np.int32),
        cols=(cols - cols.min()).astype(np.int32),
        cell_width=float(np.hypot(*across)),
        cell_height=float(np.hypot(*up)),
        turned=float(np.degrees(np.arctan2(across[1], across[0]))),
        regular=regular,
        shared=taken,
    )


def _shared(cols: Floats, rows: Floats) -> int:
    return len(cols) - len(np.unique(np.stack([cols, rows], axis=1), axis=0))


def _base_vectors(x: Floats, y: Floats, width: float, height: float) -> Floats:
    """Step to the next column and step to the next row, as rows of a 2 x 2 matrix, in metres."""
    probes = np.unique(np.linspace(0, len(x) - 1, PROBES).astype(int))
    right: list[tuple[float, float]] = []
    up: list[tuple[float, float]] = []
    for i in probes:
        dx, dy = x - x[i], y - y[i]
        for found, along, aside, size in ((right, dx, dy, width), (up, dy, dx, height)):
            ahead = np.flatnonzero((along > 0.2 * size) & (np.abs(aside) < 0.6 * along))
            if len(ahead):
                nearest = ahead[np.argmin(np.hypot(dx[ahead], dy[ahead]))]
                found.append((dx[nearest], dy[nearest]))
    across, upward = _typical(right, width), _typical(up, height)
    if across is None:
        across = np.array([width, 0.0]) if upward is None else np.array([upward[1], -upward[0]]) * width / np.hypot(*upward)
    if upward is None:
        upward = np.array([-across[1], across[0]]) * height / np.hypot(*across)
    return _shortest(across, upward)


def _shortest(across: Floats, upward: Floats) -> Floats:
    """The shortest steps that make the same grid (Lagrange's reduction): where many tiles are missing, a diagonal was found."""
    short, long = sorted((across, upward), key=lambda step: float(step @ step))
    while times := round(float(short @ long) / float(short @ short)):
        short, long = sorted((short, long - times * short), key=lambda step: float(step @ step))
    across, upward = sorted((short, long), key=lambda step: -abs(float(step[0])) / float(np.hypot(*step)))
    return np.stack([across * np.sign(across[0]), upward * np.sign(upward[1])])


def _typical(found: list[tuple[float, float]], size: float) -> Floats | None:
    """The median of the shorter steps; a step of several tile sizes (every neighbour is missing) is divided."""
    if not found:
        return None
    steps = np.array(found)
    lengths = np.hypot(*steps.T)
    step: Floats = np.median(steps[lengths <= 1.1 * np.quantile(lengths, 0.25)], axis=0).astype(np.float64)
    times = float(np.hypot(*step)) / size
    whole = round(times)
    return step / whole if whole > 1 and abs(times - whole) < 0.1 else step


def _cells(x: Floats, y: Floats, steps: Floats) -> tuple[Floats, Floats, float]:
    """Column and row of every tile, relative to the middle one, and how far tiles miss their cell's centre (95th percentile)."""
    points = np.stack([x, y], axis=1)
    middle = points[np.argmin(np.hypot(*(points - np.median(points, axis=0)).T))]
    rough = (points - middle) @ np.linalg.inv(steps)
    distance = np.hypot(*rough.T)
    place: Floats = rough
    radius = FIRST_RADIUS_IN_STEPS
    while True:
        near = distance <= radius
        terms = _terms(rough / radius)
        place = rough + terms @ _coefficients(terms[near], (np.rint(place) - rough)[near])
        if near.all():
            break
        radius *= 2
    cells = np.rint(place)
    miss = float(np.quantile(np.abs(place - cells).max(axis=1), 0.95))
    return cells[:, 0], cells[:, 1], miss


def _terms(at: Floats) -> Floats:
    u, v = at.T
    return np.stack([np.ones_like(u), u, v, u * u, u * v, v * v], axis=1)


def _coefficients(terms: Floats, corrections: Floats) -> Floats:
    """Least squares [6, 2] with a little damping: where tiles say nothing (a single row, say), nothing is corrected."""
    damping = DAMPING * len(terms) * np.eye(terms.shape[1])
    return np.linalg.solve(terms.T @ terms + damping, terms.T @ corrections).astype(np.float64)
