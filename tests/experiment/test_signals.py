"""The first signal ends the work; the removal outlives one."""

import signal

import pytest

from aerial_ops.experiment.signals import CALM, Signals
from tests.experiment.test_journal import Notes


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_ends_the_work_the_second_is_told_the_third_ends_the_removal(number: signal.Signals) -> None:
    notes = Notes()
    before = signal.getsignal(number)
    with Signals(notes).heard():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        signal.raise_signal(number)
        assert notes.notes == [CALM]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
    assert signal.getsignal(number) is before


def test_a_removal_without_a_signal_before_outlives_one_too() -> None:
    notes = Notes()
    signals = Signals(notes)
    with signals.heard():
        signals.removing()
        signal.raise_signal(signal.SIGTERM)
        assert notes.notes == [CALM]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
