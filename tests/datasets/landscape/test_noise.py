import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aerial_ops.datasets.landscape.noise import Cells, Window, colour, constant, fractal, hashed, mix, palette, pick, smooth

OFFSETS = st.integers(-3000, 3000)


@settings(max_examples=30, deadline=None)
@given(x=OFFSETS, y=OFFSETS, dx=st.integers(0, 60), dy=st.integers(0, 60), spacing=st.sampled_from([2, 3, 7.5, 60, 640]))
def test_a_field_is_the_same_wherever_its_window_starts(x: int, y: int, dx: int, dy: int, spacing: float) -> None:
    whole = smooth(Window(x, y, 128), spacing, 5)
    part = smooth(Window(x + dx, y + dy, 64), spacing, 5)
    np.testing.assert_allclose(part, whole[dy : dy + 64, dx : dx + 64], atol=2e-5)


def test_cubic_convolution_meets_the_lattice_values() -> None:
    # Pixel centres lie at half pixels: with a spacing of 0.5 every other position is a lattice point.
    window = Window(0, 0, 32)
    values = smooth(window, 0.5, 3)
    lattice = hashed(np.arange(1, 64, 2)[None, :], np.arange(1, 64, 2)[:, None], 3) * 2 - 1
    np.testing.assert_allclose(values, lattice, atol=1e-5)


def test_hashes_are_uniform_and_differ_by_seed() -> None:
    i, j = np.arange(200)[None, :], np.arange(200)[:, None]
    a, b = hashed(i, j, 1), hashed(i, j, 2)
    counts, _ = np.histogram(a, bins=10, range=(0, 1))
    assert counts.min() > 3600 and counts.max() < 4400
    assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.02
    assert abs(np.corrcoef(a[:, :-1].ravel(), a[:, 1:].ravel())[0, 1]) < 0.02


@pytest.mark.parametrize("spacing", [8, 120])
def test_fields_stay_near_their_range(spacing: float) -> None:
    field = fractal(Window(-50, 900, 256), spacing, 9, 3)
    assert field.dtype == np.float32
    assert -1.6 < field.min() < field.max() < 1.6


def test_constants_lie_in_their_range() -> None:
    values = [constant(seed, 3.0, 5.0) for seed in range(200)]
    assert 3.0 <= min(values) < 3.2 and 4.8 < max(values) < 5.0


def test_colours_are_mixed_and_picked() -> None:
    share = np.array([[0.0, 1.0], [0.5, 0.0]], np.float32)
    mixed = mix(colour(0, 0, 0), colour(100, 200, 50), share)
    assert mixed[:, 0, 1].tolist() == [100, 200, 50] and mixed[:, 1, 0].tolist() == [50, 100, 25]
    picked = pick(palette((1, 2, 3), (4, 5, 6)), np.array([[0.0, 0.99]], np.float32))
    assert picked[:, 0].T.tolist() == [[1, 2, 3], [4, 5, 6]]


def test_cells_draw_what_their_numbers_hash_to() -> None:
    i, j = np.random.default_rng(0).integers(-4, 9, (2, 32, 32)).astype(np.int32)
    cells = Cells.of(i, j)
    np.testing.assert_array_equal(cells.draw(5), hashed(i, j, 5))
    colours = palette((1, 2, 3), (4, 5, 6), (7, 8, 9))
    np.testing.assert_array_equal(cells.pick(colours, 5), pick(colours, hashed(i, j, 5)))
