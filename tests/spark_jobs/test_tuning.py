import pytest

from spark_jobs.tuning import SIZES, TRIES, BatchSize

FIRST = SIZES[0]


def tuned(seconds_a_tile: dict[int, float], slow_first: bool = False) -> BatchSize:
    made = BatchSize()
    seen: set[int] = set()
    for _ in range(len(SIZES) * TRIES):
        size = made.now
        extra = 5.0 if slow_first and size not in seen else 0.0
        seen.add(size)
        made.note(size, size * seconds_a_tile[size] + extra)
    return made


@pytest.mark.parametrize(
    ("seconds_a_tile", "best"),
    [
        ({8: 1.0, 16: 1.0, 32: 1.0}, 16),
        ({8: 0.9, 16: 1.0, 32: 1.1}, 8),
        ({8: 1.1, 16: 1.0, 32: 0.5}, 32),
        ({8: 0.98, 16: 1.0, 32: 2.0}, 16),
    ],
)
def test_the_clearly_fastest_size_is_kept(seconds_a_tile: dict[int, float], best: int) -> None:
    assert tuned(seconds_a_tile).now == best
    assert tuned(seconds_a_tile, slow_first=True).now == best


def test_the_sizes_take_turns_and_then_nothing_changes_any_more() -> None:
    size = BatchSize()
    asked = []
    for _ in range(len(SIZES) * TRIES):
        asked.append(size.now)
        size.note(size.now, 1.0)
    assert asked == [*SIZES] * TRIES
    kept = size.now
    size.note(kept, 1e9)
    assert size.now == kept


def test_a_batch_that_was_not_asked_for_tells_nothing() -> None:
    size = BatchSize()
    for tiles in (1, 5, 8, 32):
        size.note(tiles, 0.0)
    assert size.now == FIRST
    size.note(FIRST, 1.0)
    assert size.now == SIZES[1]
