"""Steps: known beforehand, one after the other or side by side, done, failed or skipped."""

from threading import Barrier, Thread

import pytest

from aerial_ops.experiment.steps import Steps
from aerial_ops.reporting import SilentReporter


class Listening(SilentReporter):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text.strip())


def test_the_next_is_told_with_its_place() -> None:
    report = Listening()
    steps = Steps(report, ["Make", "Train", "Remove"])
    with steps.step("Make"):
        pass
    with steps.step("Train", "(on resnet18)") as step:
        steps.tell(step, "80 % right.")
    assert report.notes == ["[1/3] Make", "[2/3] Train (on resnet18)", "80 % right."]
    assert [step.state for step in steps.steps] == ["done", "done", "waiting"]
    assert [label for label, _ in steps.done] == ["Make", "Train (on resnet18)"]


def test_what_was_not_expected_comes_before_what_waits() -> None:
    report = Listening()
    steps = Steps(report, ["Make", "Remove"])
    with steps.step("Make"):
        pass
    with steps.step("Scale"):
        pass
    steps.expect("Bill")
    with steps.step("Remove"):
        pass
    assert report.notes == ["[1/2] Make", "[2/3] Scale", "[3/4] Remove"]
    assert [step.label for step in steps.steps] == ["Make", "Scale", "Remove", "Bill"]


def test_two_expected_steps_of_one_label_are_two() -> None:
    steps = Steps(Listening(), ["Train", "Train"])
    with steps.step("Train"):
        pass
    assert [step.state for step in steps.steps] == ["done", "waiting"]


def test_a_failed_step_is_the_current_one_also_after_the_removal() -> None:
    steps = Steps(Listening(), ["Train", "Remove"])
    with pytest.raises(ValueError), steps.step("Train"):
        raise ValueError
    with steps.step("Remove"):
        assert steps.current == "Train"
    assert [step.state for step in steps.steps] == ["failed", "done"]
    assert len(steps.done) == 2


def test_before_the_first_there_is_no_current_one() -> None:
    steps = Steps(Listening(), ["Train"])
    assert (steps.current, steps.seconds, steps.done) == ("", 0.0, [])
    assert steps.shares() == [("Together", "0.0", "100%")]


def test_a_skipped_step_takes_no_time_and_says_why() -> None:
    report = Listening()
    steps = Steps(report, ["Make", "Train"])
    steps.skipped("Make", "it stands since the run before")
    assert report.notes == ["[1/2] Make: it stands since the run before"]
    assert steps.done == []
    assert steps.seconds == 0.0


def test_steps_side_by_side_are_one_wall_time() -> None:
    report = Listening()
    labels = [f"Train {number}" for number in range(4)]
    steps = Steps(report, labels)
    together = Barrier(len(labels))

    def work(label: str) -> None:
        with steps.step(label) as step:
            together.wait(timeout=10)
            steps.tell(step, "done")
            together.wait(timeout=10)

    threads = [Thread(target=work, args=(label,)) for label in labels]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {label for label, _ in steps.done} == set(labels)
    assert steps.seconds < sum(seconds for _, seconds in steps.done)
    assert steps.seconds >= max(seconds for _, seconds in steps.done)
    assert sorted(note for note in report.notes if note.endswith("done")) == [f"{label}: done" for label in labels]
