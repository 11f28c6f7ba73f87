import time
from threading import Event

import pytest

from aerial_ops.experiment.copying import Copying
from aerial_ops.reporting import SILENT, Reporter


def test_the_end_of_the_block_waits_for_the_copy() -> None:
    done = []
    with Copying(lambda report: (time.sleep(0.1), done.append(1)), SILENT) as copying:
        copying.start()
        assert not done
    assert done


def test_an_error_of_the_copy_is_raised() -> None:
    def fail(report: Reporter) -> None:
        raise ValueError("no such folder")

    with pytest.raises(ValueError, match="no such folder"), Copying(fail, SILENT) as copying:
        copying.start()


def test_a_failed_block_stops_the_copy_at_its_next_sign_of_progress() -> None:
    begun, copied = Event(), []

    def copy(report: Reporter) -> None:
        with report.task("Sending", 1_000_000) as task:
            for number in range(1_000_000):
                task.advance()
                copied.append(number)
                begun.set()
                time.sleep(0.01)

    with pytest.raises(RuntimeError, match="the cluster failed"), Copying(copy, SILENT) as copying:
        copying.start()
        begun.wait()
        raise RuntimeError("the cluster failed")
    assert len(copied) < 1000


def test_what_was_not_started_is_not_waited_for() -> None:
    with Copying(lambda report: None, SILENT):
        pass
