"""A stream whose loss ends nothing: a closed terminal must not keep a cluster from being removed."""

from contextlib import suppress
from typing import IO, Any


class Enduring:
    """A text stream. What cannot be written (the terminal is closed, nobody reads the pipe) is left out."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """As the stream's own, but without its OSError."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """As the stream's own, but without its OSError."""
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        """Everything else is the stream's."""
        return getattr(self._stream, name)
