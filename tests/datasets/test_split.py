import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aerial_ops.datasets.grid import Grid
from aerial_ops.datasets.split import BUFFER, HELD_OUT, TRAINING, Split, SplitRule, split_by_place
from aerial_ops.errors import DataError, UsageError

NAMES = ("Cultivated", "Herbaceous", "Water")


def classes_of(rows: list[str]) -> np.ndarray:
    """C, H, W for a class, anything else for no label."""
    return np.array([["CHW".find(letter) for letter in row] for row in rows], np.int8)


def grid_of(classes: np.ndarray, tile: float = 100.0, overlap: float = 0.0) -> Grid:
    return Grid("EPSG:26914", 0.0, 0.0, tile, 100, round(100 * (1 - overlap)), *classes.shape)


def split_of(rows: list[str], **rule: float) -> Split:
    classes = classes_of(rows)
    return split_by_place(classes, NAMES, grid_of(classes), SplitRule(**rule))  # type: ignore[arg-type]


BOARD = ["CHCHCHCHCHCHCHCH", "HCHCHCHCHCHCHCHC"] * 8


def test_whole_blocks_are_held_out() -> None:
    split = split_of(BOARD, block=400.0, fraction=0.25)
    held_out = (split.sets == HELD_OUT).reshape(4, 4, 4, 4).mean(axis=(1, 3))
    assert sorted(held_out.ravel().tolist()) == [0.0] * 12 + [1.0] * 4
    assert split.left_out == () and split.buffer == 100.0


def test_the_seed_chooses_the_blocks() -> None:
    found = [split_of(BOARD, block=400.0, seed=seed).sets for seed in range(8)]
    assert len({sets.tobytes() for sets in found}) > 3
    np.testing.assert_array_equal(split_of(BOARD, block=400.0, seed=5).sets, found[5])


def test_every_class_gets_its_share() -> None:
    # Herbaceous lies in four of sixteen blocks only; a random choice of blocks would often miss it.
    rows = ["HHHH" + "C" * 12] * 8 + ["C" * 16] * 4 + ["C" * 8 + "HHHH" + "C" * 4] * 4
    for seed in range(5):
        sets = split_of(rows, block=400.0, buffer=0.0, fraction=0.3, seed=seed).sets
        held_out = [(sets == HELD_OUT)[classes_of(rows) == index].mean() for index in (0, 1)]
        assert min(held_out) > 0.15 and max(held_out) < 0.6


def test_a_class_in_one_block_is_left_out() -> None:
    rows = [row[:15] + ("W" if k == 3 else row[15]) for k, row in enumerate(BOARD)]
    split = split_of(rows, block=400.0)
    assert split.left_out == ("Water",) and split.sets[3, 15] == 0


def test_one_block_cannot_be_split() -> None:
    with pytest.raises(DataError, match="in one block of 1600 m"):
        split_of(BOARD, block=1600.0)


def test_one_class_is_not_enough() -> None:
    with pytest.raises(DataError, match="Only 1 class"):
        split_of(["C" * 16] * 16)


def test_a_buffer_that_leaves_nothing() -> None:
    with pytest.raises(DataError, match="Only 0 class"):
        split_of(BOARD, buffer=3000.0)


@pytest.mark.parametrize(("side", "expected"), [(6, 200.0), (40, 900.0), (300, 2000.0)])
def test_blocks_suit_the_ground(side: int, expected: float) -> None:
    random = np.random.default_rng(0)
    classes = random.integers(0, 2, (side, side)).astype(np.int8)
    assert split_by_place(classes, NAMES, grid_of(classes), SplitRule(buffer=0.0)).block == expected


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.text(alphabet="CHW.", min_size=14, max_size=14), min_size=3, max_size=9),
    fraction=st.floats(0.05, 0.6),
    block=st.floats(90, 700),
    buffer=st.floats(0, 400),
    overlap=st.sampled_from([0.0, 0.25, 0.5]),
    seed=st.integers(0, 5),
)
def test_no_two_tiles_of_different_sets_are_nearer_than_the_buffer(
    rows: list[str], fraction: float, block: float, buffer: float, overlap: float, seed: int
) -> None:
    classes = classes_of(rows)
    grid = grid_of(classes, overlap=overlap)
    try:
        split = split_by_place(classes, NAMES, grid, SplitRule(fraction, block, buffer, seed))
    except DataError:
        return
    training, held_out = (np.argwhere(split.sets == one) for one in (TRAINING, HELD_OUT))
    gap = np.maximum(np.abs(training[:, None] - held_out[None]) * grid.step - grid.tile, -grid.tile)
    distance = np.where((gap < 0).all(axis=2), -1.0, np.hypot(*np.maximum(gap, 0).transpose(2, 0, 1)))
    assert distance.min() >= buffer - 1e-6
    # Nothing is dropped without a reason: each tile in the buffer has a test tile that is too near, along both axes.
    dropped = np.argwhere(split.sets == BUFFER)
    near = np.maximum(np.abs(dropped[:, None] - held_out[None]) * grid.step - grid.tile, 0).max(axis=2) < buffer + 1e-3
    assert near.any(axis=1).all()
    for name in {NAMES[index] for index in np.unique(classes[classes >= 0])} - set(split.left_out):
        assert {TRAINING, HELD_OUT} <= set(split.sets[classes == NAMES.index(name)].tolist())


@pytest.mark.parametrize("wrong", [{"fraction": 1.0}, {"fraction": 0.0}, {"block": 0.0}, {"buffer": -1.0}])
def test_rules_are_checked(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError):
        SplitRule(**wrong)  # type: ignore[arg-type]
