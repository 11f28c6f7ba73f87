import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerial_ops.analysis.grid import infer_grid

SIZE = 224.0


def board(rows: int, cols: int, step: float = SIZE, turn: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rows from the north, columns from the west, and the tiles' centres in metres."""
    row, col = (index.ravel() for index in np.indices((rows, cols)))
    x, y = col * step, -row * step
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    return row, col, x * cos - y * sin, x * sin + y * cos


def tidy(index: np.ndarray) -> np.ndarray:
    return index - index.min()


@pytest.mark.parametrize("turn", [0, 1.3, -8, 20])
def test_a_turned_grid(turn: float) -> None:
    row, col, x, y = board(30, 45, turn=turn)
    grid = infer_grid(x, y, SIZE, SIZE)
    assert grid.regular and grid.shared == 0 and grid.shape == (30, 45)
    assert np.array_equal(grid.rows, row) and np.array_equal(grid.cols, col)
    assert grid.turned == pytest.approx(turn, abs=1e-6)
    assert grid.cell_width == pytest.approx(SIZE)


@pytest.mark.parametrize("kept", [0.9, 0.5, 0.25])
def test_holes_shuffled_order_and_noise(kept: float) -> None:
    rng = np.random.default_rng(1)
    row, col, x, y = board(60, 80, turn=1.0)
    some = rng.permutation(len(row))[: int(kept * len(row))]
    grid = infer_grid(x[some] + rng.normal(0, 6, len(some)), y[some] + rng.normal(0, 6, len(some)), SIZE, SIZE)
    assert grid.regular
    assert np.array_equal(grid.rows, tidy(row[some])) and np.array_equal(grid.cols, tidy(col[some]))


@given(st.integers(0, 10**6), st.floats(-20, 20))
def test_half_of_a_small_board_is_enough(seed: int, turn: float) -> None:
    rng = np.random.default_rng(seed)
    row, col, x, y = board(7, 8, turn=turn)
    some = rng.permutation(56)[: rng.integers(28, 57)]
    grid = infer_grid(x[some], y[some], SIZE, SIZE)
    assert np.array_equal(grid.rows, tidy(row[some])) and np.array_equal(grid.cols, tidy(col[some]))
    assert (grid.cell_width, grid.cell_height, grid.turned) == pytest.approx((SIZE, SIZE, turn), abs=1e-6)


def test_where_only_diagonal_neighbours_are_left_the_grid_is_that_of_the_tiles() -> None:
    seed = 251488
    row, col, x, y = board(7, 8, turn=15.0)
    rng = np.random.default_rng(seed)
    for some in (rng.permutation(56)[: rng.integers(20, 57)] for _ in range(2)):
        grid = infer_grid(x[some], y[some], SIZE, SIZE)
        assert np.array_equal(grid.rows, tidy(row[some])) and np.array_equal(grid.cols, tidy(col[some]))


def test_a_county_two_hundred_and_seventy_tiles_wide_in_degrees() -> None:
    """The grid of a UTM image is turned and curved in degrees; 67,000 tiles across Middlesex County."""
    pyproj = pytest.importorskip("pyproj", reason="pyproj comes with the extra geo")
    row, col, x, y = board(270, 250)
    to_degrees = pyproj.Transformer.from_crs("EPSG:26919", "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(x + 260_000, y + 4_740_000)
    from aerial_ops.analysis.geodesy import metres_per_degree

    up, across = metres_per_degree(np.median(lat))
    grid = infer_grid((lon - np.median(lon)) * across, (lat - np.median(lat)) * up, SIZE, SIZE)
    assert grid.regular and grid.shared == 0
    assert np.array_equal(grid.rows, row) and np.array_equal(grid.cols, col)
    assert 0.5 < abs(grid.turned) < 3


@pytest.mark.parametrize("step", [112.0, 300.0])
def test_tiles_that_overlap_or_leave_gaps(step: float) -> None:
    row, col, x, y = board(12, 9, step=step)
    grid = infer_grid(x, y, SIZE, SIZE)
    assert np.array_equal(grid.rows, row) and np.array_equal(grid.cols, col)
    assert grid.cell_width == pytest.approx(step)


def test_every_second_tile_keeps_its_distance() -> None:
    row, col, x, y = board(20, 20)
    some = (row % 2 == 0) & (col % 2 == 0)
    grid = infer_grid(x[some], y[some], SIZE, SIZE)
    assert np.array_equal(grid.cols, col[some]) and np.array_equal(grid.rows, row[some])


@pytest.mark.parametrize(("rows", "cols"), [(1, 1), (1, 40), (40, 1), (2, 2)])
def test_rows_columns_and_single_tiles(rows: int, cols: int) -> None:
    row, col, x, y = board(rows, cols, turn=0.4)
    grid = infer_grid(x, y, SIZE, SIZE)
    assert grid.shape == (rows, cols)
    assert np.array_equal(grid.rows, row) and np.array_equal(grid.cols, col)


def test_two_patches_far_apart() -> None:
    row, col, x, y = board(40, 300)
    some = (col < 20) | (col > 270)
    grid = infer_grid(x[some], y[some], SIZE, SIZE)
    assert np.array_equal(grid.cols, col[some]) and np.array_equal(grid.rows, row[some])


def test_scattered_tiles_are_put_into_cells_of_their_size_and_that_is_said() -> None:
    rng = np.random.default_rng(2)
    grid = infer_grid(rng.uniform(0, 6000, 300), rng.uniform(0, 6000, 300), SIZE, SIZE)
    assert not grid.regular
    assert grid.shared > 0
    assert grid.shape[0] <= 29 and grid.shape[1] <= 29
