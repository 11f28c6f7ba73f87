import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from spark_jobs.budget import Budget


def test_no_more_is_held_than_there_is() -> None:
    budget, lock, held, most = Budget(10), threading.Lock(), 0, 0

    def work(units: int) -> None:
        nonlocal held, most
        with budget.taken(units):
            with lock:
                held += min(units, 10)
                most = max(most, held)
            time.sleep(0.002)
            with lock:
                held -= min(units, 10)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, [3, 4, 5, 10, 1, 25, 2, 6] * 4))
    assert 0 < most <= 10


def test_what_an_error_leaves_is_given_back() -> None:
    budget = Budget(1)
    for _ in range(3):
        with pytest.raises(ValueError, match="x"), budget.taken(1):
            raise ValueError("x")
    with budget.taken(1):
        pass
