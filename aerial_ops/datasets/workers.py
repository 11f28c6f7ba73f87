"""Spreading tiles over processes; they stop with the process that started them, however it ends."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from aerial_ops.errors import DataError

Job = TypeVar("Job")

CHUNK = 16
"""Tiles that a process takes at a time."""


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(work: Callable[[Sequence[Job]], int], jobs: Sequence[Job], processes: int) -> Iterator[int]:
    """Call `work` on chunks of `jobs` in `processes` processes; yields what each call returns, as it returns."""
    chunks = [jobs[start : start + CHUNK] for start in range(0, len(jobs), CHUNK)]
    if processes < 2 or len(chunks) < 3:
        yield from map(work, chunks)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(processes, len(chunks)), mp_context=context, initializer=_start)
    try:
        yield from _results(pool, work, chunks)
    except BrokenProcessPool as error:
        raise DataError(
            "A process that made tiles was killed (most often: the machine ran out of memory).",
            left="The tiles that were finished are kept.",
            suggestion="Run the same command again; it goes on where it stopped.",
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _results(pool: ProcessPoolExecutor, work: Callable[[Sequence[Job]], int], chunks: Iterable[Sequence[Job]]) -> Iterator[int]:
    for future in as_completed([pool.submit(work, chunk) for chunk in chunks]):
        yield future.result()


def _start() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
