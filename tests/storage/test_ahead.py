"""Work begun ahead."""

from threading import Event

import pytest

from aerial_ops.storage.ahead import begun


def test_it_runs_before_it_is_asked_for_and_hands_over_its_error() -> None:
    ran = Event()
    result = begun(lambda: ran.set() or 5)
    assert ran.wait(10)
    assert result() == 5
    with pytest.raises(ZeroDivisionError):
        begun(lambda: 1 // 0)()
