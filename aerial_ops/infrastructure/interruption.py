"""An end in the middle: SIGTERM counts as Ctrl-C, and the user is told what exists and what it costs."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from aerial_ops.errors import AerialOpsError, LeftBehindError
from aerial_ops.infrastructure.cost import Rate

NEXT = "See what exists: aerial-ops status\nRemove it:       aerial-ops down"


@contextmanager
def until_signal() -> Iterator[None]:
    """SIGTERM (a cancelled CI job) ends a command as Ctrl-C does, through every `finally`. Who listens already goes on so."""
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def explained(doing: str, rate: Rate | None) -> Iterator[None]:
    """Whatever ends this leaves with LeftBehindError: something may exist by now. `rate` is what a cluster costs."""
    cost = f" A cluster of this size costs {rate.usd_per_hour:.2f} $ an hour." if rate else ""
    try:
        yield
    except LeftBehindError as error:
        raise LeftBehindError(
            error.message, left=f"{error.left}{cost}".strip(), suggestion=error.suggestion or NEXT, data=error.data
        ) from error
    except AerialOpsError as error:
        raise LeftBehindError(
            error.message,
            left=f"What was made before exists, and may cost money.{cost}",
            suggestion=f"{error.suggestion}\n{NEXT}".strip(),
            data=error.data,
        ) from error
    except KeyboardInterrupt as error:
        raise LeftBehindError(
            f"Interrupted while {doing}.",
            left=f"What was made before exists, and may cost money.{cost}",
            suggestion=NEXT,
            data={"interrupted": 1},
        ) from error


def was_interrupted(error: AerialOpsError) -> bool:
    """Whether the user, and not the cloud, ended it."""
    return bool(error.data.get("interrupted"))
