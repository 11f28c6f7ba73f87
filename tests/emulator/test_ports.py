import socket
import threading

import pytest

from aerial_ops.emulator import ports
from aerial_ops.errors import EmulatorError


def test_a_port_in_use_is_not_free() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        assert not ports.is_free(port)
    assert ports.is_free(port)


def test_a_free_port_is_below_the_systems_own_range_and_not_a_taken_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ports.FIRST <= ports.free_port() <= ports.LAST
    first = ports.free_port()
    monkeypatch.setattr(ports, "FIRST", first)
    monkeypatch.setattr(ports, "LAST", first)
    with pytest.raises(EmulatorError, match="No free port"):
        ports.free_port((first,))


def test_a_port_that_is_let_go_in_a_moment_frees_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        assert not ports.frees_up(port, 0.1)
        threading.Timer(0.2, holder.close).start()
        assert ports.frees_up(port, 20)
