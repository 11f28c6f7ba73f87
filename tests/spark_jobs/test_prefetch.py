import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from spark_jobs.prefetch import in_order


def test_results_come_in_order_and_few_are_in_flight() -> None:
    lock, flying, most = threading.Lock(), 0, 0

    def work(number: int) -> int:
        nonlocal flying, most
        with lock:
            flying += 1
            most = max(most, flying)
        time.sleep(0.001 * (number % 3))
        return number

    with ThreadPoolExecutor(4) as pool:
        for expected, number in enumerate(in_order(pool, work, range(50), ahead=6)):
            assert number == expected
            with lock:
                flying -= 1
    assert most <= 6


def test_an_exception_comes_at_its_turn_and_ends_the_rest() -> None:
    begun = []

    def work(number: int) -> int:
        begun.append(number)
        if number == 2:
            raise ValueError("two")
        return number

    with ThreadPoolExecutor(1) as pool:
        results = in_order(pool, work, range(1000), ahead=8)
        assert [next(results), next(results)] == [0, 1]
        with pytest.raises(ValueError, match="two"):
            next(results)
    assert len(begun) <= 11
