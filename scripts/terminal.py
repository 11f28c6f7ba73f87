"""A command in a terminal of its own: what it shows, and what is typed into it."""

import codecs
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

FAINT = re.compile(r"\x1b\[2(?=[;m])")  # pyte knows no faint text: grey takes its place
# Who opens a terminal first in a session of its own owns it: Ctrl-C reaches it, and so does its end, under `nohup` too.
TAKE = """
import os, signal, sys
for number in (signal.SIGHUP, signal.SIGPIPE):
    signal.signal(number, signal.SIG_DFL)
terminal = os.open(sys.argv[1], os.O_RDWR)
for stream in (0, 1, 2):
    os.dup2(terminal, stream)
os.close(terminal)
os.execvp(sys.argv[2], sys.argv[2:])
"""


class Terminal:
    """The command runs in a `with` block; what is still at work at its end is killed."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 100,
        rows: int = 60,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self.screen)
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-c", TAKE, os.ttyname(theirs), *command],
            cwd=folder,
            env={**(os.environ if environment is None else environment), "TERM": "xterm-256color", "COLORTERM": ""},
            start_new_session=True,
        )
        self._theirs = theirs  # open as well: a terminal that nobody has open yet would be at its end

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._theirs)
        if self._ours >= 0:
            os.close(self._ours)

    def type(self, keys: str) -> None:
        """Press keys; "\\x03" is Ctrl-C."""
        os.write(self._ours, keys.encode())

    def close(self) -> None:
        """Close the window: what runs in it gets SIGHUP, and errors where it reads or writes."""
        os.close(self._ours)
        self._ours = -1

    def wait_for(self, text: str, seconds: float = 120) -> None:
        """Until `text` is on the screen. Raises TimeoutError, and EOFError when the command ends before."""
        until = time.monotonic() + seconds
        while text not in "\n".join(self.lines()):
            if not self._read(until):
                raise EOFError(f"{text!r} did not come:\n" + "\n".join(self.lines()))

    def end(self, seconds: float = 600) -> int:
        """Until the command's end: its exit code. Raises TimeoutError."""
        until = time.monotonic() + seconds
        while self._read(until):
            pass
        return self.process.wait()

    def lines(self) -> list[str]:
        """What the screen shows, without what is empty at its end."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip("\n").split("\n")

    def _read(self, until: float) -> bool:
        """Show what comes next; False when the command has ended and everything is shown."""
        while not self._has_more(0.1):
            if self.process.poll() is not None and not self._has_more(0):
                return False
            if time.monotonic() > until:
                raise TimeoutError("\n".join(self.lines()))
        self._stream.feed(FAINT.sub("\x1b[90", self._decoder.decode(os.read(self._ours, 65536))))
        return True

    def _has_more(self, seconds: float) -> bool:
        return bool(select.select([self._ours], [], [], seconds)[0])
