"""A terminal that is closed: what runs in it ends in order, as after Ctrl-C, and says its last words to nobody."""

import os
import signal
import stat
from contextlib import suppress

SIGHUP: int = getattr(signal, "SIGHUP", 0)  # Windows has none
_gone = False


def endings() -> list[int]:
    """The signals that end a command in the middle. `nohup` has SIGHUP ignored: it stays so."""
    return [number for number in (signal.SIGINT, signal.SIGTERM, SIGHUP) if number and signal.getsignal(number) != signal.SIG_IGN]


def counts(number: int) -> bool:
    """Whether a signal ends something. SIGHUP does once: the shell and the system each send it.

    What would have gone to the terminal, or through a pipe to a program on it, goes nowhere from then on: writing there fails.
    """
    global _gone  # noqa: PLW0603 - a process has one terminal
    if number != SIGHUP:
        return True
    if _gone:
        return False
    _gone = True
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        with suppress(OSError):  # closed
            if not stat.S_ISREG(os.fstat(stream).st_mode):
                os.dup2(nowhere, stream)
    os.close(nowhere)
    return True
