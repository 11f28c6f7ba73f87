"""Threads that end when they should."""

import threading
import time

import pytest

from aerial_ops.storage.sync.parallel import each


def test_every_item_once() -> None:
    assert sorted(each(range(1000), lambda n: n * n, 8)) == [(n, n * n) for n in range(1000)]
    assert list(each([], lambda n: n, 8)) == []
    assert list(each([3], lambda n: n, 0)) == [(3, 3)]


def test_no_more_than_so_many_at_once() -> None:
    running, most, lock = 0, 0, threading.Lock()

    def work(item: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.001)
        with lock:
            running -= 1

    list(each(range(100), work, 5))
    assert 1 < most <= 5


def test_the_first_error_is_raised_and_nothing_more_is_begun() -> None:
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        if item == 10:
            raise ValueError("ten")
        time.sleep(0.001)
        return item

    with pytest.raises(ValueError, match="ten"):
        list(each(range(10_000), work, 4))
    time.sleep(0.05)
    assert len(begun) < 1000


def test_an_error_that_looks_like_the_end_of_the_items_is_raised_too() -> None:
    def work(item: int) -> int:
        raise StopIteration(item)

    with pytest.raises((StopIteration, RuntimeError)):  # a generator makes a RuntimeError of it
        list(each([1, 2], work, 2))


def test_who_leaves_does_not_wait_for_what_hangs() -> None:
    hang = threading.Event()
    for _, _ in each(range(2), lambda n: hang.wait() if n else n, 2):
        break
    hang.set()
