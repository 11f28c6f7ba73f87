import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from aerial_ops.analysis.neighbours import connected, neighbours

boards = st.tuples(st.integers(1, 12), st.integers(1, 12)).flatmap(lambda shape: arrays(np.bool_, shape))


@given(boards, st.randoms(use_true_random=False), st.booleans())
def test_pieces_are_scipys(board: np.ndarray, random: object, corners: bool) -> None:
    rows, cols = np.nonzero(board)
    order = np.array(random.sample(range(len(rows)), len(rows)), dtype=int)  # type: ignore[attr-defined]
    rows, cols = rows[order], cols[order]
    found = connected(rows, cols, corners=corners)
    marks, count = ndimage.label(board, structure=np.ones((3, 3)) if corners else None)
    expected = marks[rows, cols]
    assert len(set(found)) == count
    assert len(set(zip(found, expected, strict=True))) == count
    first = [int(np.flatnonzero(found == piece)[0]) for piece in range(count)]
    assert first == sorted(first)


@given(boards)
def test_neighbours_are_those_at_most_one_cell_away(board: np.ndarray) -> None:
    rows, cols = np.nonzero(board)
    found = {(int(a), int(b)) for there, beside in neighbours(rows, cols) for a, b in zip(there, beside, strict=True)}
    expected = {
        (a, b)
        for a in range(len(rows))
        for b in range(len(rows))
        if a != b and abs(rows[a] - rows[b]) <= 1 and abs(cols[a] - cols[b]) <= 1
    }
    assert found == expected


def test_a_long_winding_chain_is_one_piece() -> None:
    rows, cols = [], []
    for r in range(0, 200, 2):
        across = range(200) if r % 4 == 0 else range(199, -1, -1)
        rows += [r] * 200 + [r + 1]
        cols += [*across, across[-1]]
    order = np.random.default_rng(0).permutation(len(rows))
    assert set(connected(np.array(rows)[order], np.array(cols)[order])) == {0}


def test_tiles_that_share_a_cell_are_in_one_piece() -> None:
    assert connected(np.array([5, 9, 5]), np.array([5, 9, 5])).tolist() == [0, 1, 0]
    assert connected(np.zeros(0, dtype=int), np.zeros(0, dtype=int)).tolist() == []
