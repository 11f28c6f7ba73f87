"""Free ports on 127.0.0.1."""

import random
import socket
import time

from aerial_ops.errors import EmulatorError

# Below the range from which systems take the ports of outgoing connections (32768 on Linux, 49152 elsewhere): what is free
# today is then still free after a restart.
FIRST, LAST = 20000, 32000
ATTEMPTS = 200


def is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1:`port` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: a closed connection does not block it
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def frees_up(port: int, seconds: float = 2.0) -> bool:
    """Whether the port is free within `seconds`: a program that was killed may hold its own for a moment after it is gone."""
    until = time.monotonic() + seconds
    while not is_free(port):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def free_port(taken: tuple[int, ...] = ()) -> int:
    """A port that is free and not one of `taken`; chosen at random, so that two who ask at once do not get the same."""
    for _ in range(ATTEMPTS):
        port = random.randint(FIRST, LAST)  # noqa: S311 - not a secret
        if port not in taken and is_free(port):
            return port
    raise EmulatorError(f"No free port was found between {FIRST} and {LAST}.", suggestion="Stop what holds them.")
