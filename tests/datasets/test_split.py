import pytest
from hypothesis import given
from hypothesis import strategies as st

from aerial_ops.datasets.labels import Label
from aerial_ops.datasets.split import split_by_place
from aerial_ops.errors import DataError


def labels_of(rows: list[str]) -> dict[tuple[int, int], Label]:
    """C, H, W for a class, anything else for no tile."""
    names = {"C": "Cultivated", "H": "Herbaceous", "W": "Water"}
    return {(r, c): Label(names[x], 1.0) for r, row in enumerate(rows) for c, x in enumerate(row) if x in names}


def test_one_block_of_columns_is_held_out() -> None:
    split = split_by_place(labels_of(["CHCHCHCHCH", "HCHCHCHCHC"]), 0.2, 0)
    columns = sorted(split.test_columns)
    assert len(columns) == 2 and columns[1] == columns[0] + 1 and split.left_out == ()


def test_the_seed_chooses_the_block() -> None:
    labels = labels_of(["CHCHCHCHCH", "HCHCHCHCHC"])
    assert len({split_by_place(labels, 0.2, seed).test_columns for seed in range(20)}) > 3
    assert split_by_place(labels, 0.2, 5) == split_by_place(labels, 0.2, 5)


def test_a_block_with_every_class_is_found() -> None:
    split = split_by_place(labels_of(["CCCCCCHHCC", "CCCCCCHHCC"]), 0.2, 0)
    assert split.left_out == () and len(split.test_columns & {6, 7}) == 1


def test_a_class_in_one_column_is_left_out() -> None:
    split = split_by_place(labels_of(["CHCHCHCHCW", "HCHCHCHCH."]), 0.2, 0)
    assert split.left_out == ("Water",)


def test_one_column_cannot_be_split() -> None:
    with pytest.raises(DataError, match="in 1 column"):
        split_by_place(labels_of(["C..", "H.."]), 0.2, 0)


def test_one_class_is_not_enough() -> None:
    with pytest.raises(DataError, match="Only 1 class"):
        split_by_place(labels_of(["CCCCC"]), 0.2, 0)


@given(
    rows=st.lists(st.text(alphabet="CHW.", min_size=12, max_size=12), min_size=1, max_size=6),
    fraction=st.floats(0.05, 0.9),
    seed=st.integers(0, 5),
)
def test_what_is_kept_is_in_both_sets(rows: list[str], fraction: float, seed: int) -> None:
    labels = labels_of(rows)
    try:
        split = split_by_place(labels, fraction, seed)
    except DataError:
        return
    for name in {label.name for label in labels.values()} - set(split.left_out):
        held_out = {column in split.test_columns for (_, column), label in labels.items() if label.name == name}
        assert held_out == {True, False}
