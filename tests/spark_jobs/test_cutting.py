import math
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spark_jobs.cutting import LEAST, SLICE, cores_of, cut, slice_counts


@pytest.mark.parametrize(
    ("tiles", "cores", "counts"),
    [
        ([11_760], 160, [160]),  # one wave, of 74 tiles at most
        ([44_000, 11_000], 160, [384, 96]),  # three full waves
        ([67_000], 160, [640]),
        ([1_140, 570], 2, [9, 5]),
        ([40], 160, [3]),  # not less than a batch each
        ([1, 0, 1], 2, [1, 0, 1]),
        ([0, 0], 4, [0, 0]),
        ([250, 6], 2, [3, 1]),  # a second wave rather than a slice of 250
    ],
)
def test_slices_fill_all_cores_in_as_few_waves_as_can_be(tiles: list[int], cores: int, counts: list[int]) -> None:
    assert slice_counts(tiles, cores) == counts


@given(st.lists(st.integers(0, 20_000), min_size=1, max_size=4), st.integers(1, 400))
def test_no_slice_is_too_large_and_no_core_idle_in_a_wave_that_could_be_full(tiles: list[int], cores: int) -> None:
    counts = slice_counts(tiles, cores)
    total, slices = sum(tiles), sum(counts)
    assert all((size > 0) == (count > 0) and size <= count * SLICE for size, count in zip(tiles, counts, strict=True))
    assert slices % cores == 0 or slices in (math.ceil(total / LEAST), sum(size > 0 for size in tiles))


@given(st.integers(0, 3_000), st.integers(1, 100))
def test_cutting_keeps_all_in_their_order_in_even_parts(tiles: int, count: int) -> None:
    parts = cut(range(tiles), count)
    assert [one for part in parts for one in part] == list(range(tiles))
    assert len(parts) == count
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


class Spark:
    """A Spark session, as far as it tells of its cores."""

    def __init__(self, parallelism: int, **conf: str) -> None:
        self.conf = {f"spark.executor.{name}": value for name, value in conf.items()}
        self.sparkContext = SimpleNamespace(defaultParallelism=parallelism)


def test_executors_that_were_ordered_count_before_they_have_come() -> None:
    assert cores_of(Spark(2)) == 2
    assert cores_of(Spark(132, instances="40", cores="4")) == 160
