import os
import signal
from collections.abc import Sequence

import pytest

from aerial_ops.datasets import workers
from aerial_ops.datasets.workers import spread
from aerial_ops.errors import DataError


def count(jobs: Sequence[int]) -> int:
    return len(jobs)


def die(jobs: Sequence[int]) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def refuse(jobs: Sequence[int]) -> int:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("size", [0, 1, 16, 100])
def test_every_job_is_done_once(processes: int, size: int) -> None:
    assert sum(spread(count, list(range(size)), processes)) == size


def test_a_killed_process_is_a_sentence() -> None:
    with pytest.raises(DataError, match="was killed"):
        list(spread(die, list(range(workers.CHUNK * 4)), 2))


def test_an_error_in_a_process_comes_through() -> None:
    with pytest.raises(OSError, match="No space left"):
        list(spread(refuse, list(range(workers.CHUNK * 4)), 2))
