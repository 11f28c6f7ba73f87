import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aerial_ops.analysis.smoothing import CENTRE_WEIGHT, smooth
from tests.analysis.counties import county_with


def slow(board: np.ndarray, classes: int, weight: int) -> np.ndarray:
    out = board.copy()
    for r in range(board.shape[0]):
        for c in range(board.shape[1]):
            if board[r, c] < 0:
                continue
            votes = [0] * classes
            votes[board[r, c]] += weight
            for rr in range(max(0, r - 1), min(board.shape[0], r + 2)):
                for cc in range(max(0, c - 1), min(board.shape[1], c + 2)):
                    if (rr, cc) != (r, c) and board[rr, cc] >= 0:
                        votes[board[rr, cc]] += 1
            best = max(votes)
            if votes[board[r, c]] != best:
                out[r, c] = votes.index(best)
    return out


def fast(board: np.ndarray, classes: int, weight: int = CENTRE_WEIGHT) -> np.ndarray:
    rows, cols = np.indices(board.shape)
    return smooth(rows.ravel(), cols.ravel(), board.ravel(), classes, weight).reshape(board.shape)


boards = st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(
    lambda shape: arrays(np.int16, shape, elements=st.integers(-1, 3))
)


@given(boards, st.integers(1, 4))
def test_it_is_the_obvious_vote(board: np.ndarray, weight: int) -> None:
    assert np.array_equal(fast(board, 4, weight), slow(board, 4, weight))


@given(boards, st.randoms(use_true_random=False))
def test_the_order_of_tiles_and_missing_tiles_do_not_matter(board: np.ndarray, random: object) -> None:
    rows, cols = np.nonzero(board >= 0)
    order = np.array(random.sample(range(len(rows)), len(rows)), dtype=int)  # type: ignore[attr-defined]
    rows, cols = rows[order], cols[order]
    expected = slow(board, 4, CENTRE_WEIGHT)[rows, cols]
    assert np.array_equal(smooth(rows, cols, board[rows, cols], 4), expected)


def test_a_lone_tile_gives_way_and_a_pair_in_a_corner_stays() -> None:
    board = np.zeros((5, 5), dtype=np.int16)
    board[2, 2] = 1
    board[0, 0] = board[0, 1] = 1
    out = fast(board, 2)
    assert out[2, 2] == 0
    assert out[0, 0] == 1


@pytest.mark.parametrize(("weight", "kept"), [(1, 1), (2, 0)])
def test_the_extra_weight_of_the_centre_decides(weight: int, kept: int) -> None:
    assert fast(np.array([[1, 0, 1]], dtype=np.int16), 2, weight)[0, 1] == kept


def test_of_equal_winners_the_first_class_is_taken() -> None:
    board = np.array([[2, 1, 2], [2, 0, 1], [1, 1, 2]], dtype=np.int16)
    assert fast(board, 3, 1)[1, 1] == 1


def test_no_tiles() -> None:
    nothing = np.zeros(0, dtype=np.int32)
    assert len(smooth(nothing, nothing, nothing, 3)) == 0


@given(
    arrays(np.int8, (9, 11), elements=st.integers(-1, 3)).filter(lambda board: (board >= 0).sum() >= 40),
    st.floats(-25, 25),
)
def test_on_a_turned_county_with_holes_it_is_the_vote_of_the_tiles_nearby(board: np.ndarray, turned: float) -> None:
    rows, cols = np.nonzero(board >= 0)
    county = county_with(rows, cols, board[rows, cols], "ABCD", turned=turned)
    angle = np.radians(turned)
    east, north = cols * np.cos(angle) + rows * np.sin(angle), cols * np.sin(angle) - rows * np.cos(angle)
    for i, label in enumerate(county.raw):
        near = np.flatnonzero(np.hypot(east - east[i], north - north[i]) < 1.6)
        votes = [sum(1 for j in near if county.raw[j] == k) + (k == label) for k in range(4)]
        expected = label if votes[label] == max(votes) else votes.index(max(votes))
        assert county.smoothed[i] == expected
