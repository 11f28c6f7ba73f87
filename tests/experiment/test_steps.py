"""Steps: known beforehand, one after the other or side by side, done, failed or skipped."""

from threading import Barrier, Thread

import pytest

from aerial_ops.experiment.steps import Steps
from aerial_ops.reporting import SilentReporter, Step, StepList, current_step


class Listening(SilentReporter):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def step(self, steps: StepList, step: Step) -> None:
        place = [one is step for one in steps.steps].index(True) + 1
        told = f": {step.told}" if step.told else ""
        self.notes.append(f"{place}/{len(steps.steps)} {step.state} {step.title}{told}")


def test_the_next_is_told_with_its_place() -> None:
    report = Listening()
    steps = Steps(report, ["Make", "Train", "Remove"])
    with steps.step("Make"):
        pass
    with steps.step("Train", "(on resnet18)") as step:
        steps.tell(step, "80 % right.")
    assert report.notes == [
        "1/3 running Make",
        "1/3 done Make",
        "2/3 running Train (on resnet18)",
        "2/3 running Train (on resnet18): 80 % right.",
        "2/3 done Train (on resnet18): 80 % right.",
    ]
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
    begun = [note for note in report.notes if " running " in note]
    assert begun == ["1/2 running Make", "2/3 running Scale", "3/4 running Remove"]
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
    assert report.notes == ["1/2 skipped Make: it stands since the run before"]
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
            steps.tell(step, "right")
            together.wait(timeout=10)

    threads = [Thread(target=work, args=(label,)) for label in labels]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {label for label, _ in steps.done} == set(labels)
    assert steps.seconds < sum(seconds for _, seconds in steps.done)
    assert steps.seconds >= max(seconds for _, seconds in steps.done)
    assert {note.split(maxsplit=1)[1] for note in report.notes if " done " in note} == {
        f"done {label}: right" for label in labels
    }


def test_a_thread_knows_its_step() -> None:
    steps = Steps(Listening(), ["Train"])
    assert current_step.get() is None
    with pytest.raises(ValueError), steps.step("Train") as step:
        assert current_step.get() is step
        raise ValueError
    assert current_step.get() is None


def test_the_price_runs_until_the_bill(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("aerial_ops.experiment.steps.time.monotonic", lambda: now)
    steps = Steps(Listening())
    assert (steps.usd, steps.usd_per_hour) == (None, None)
    steps.pays(4.0)
    now += 1800
    assert steps.usd == 2.0
    steps.pays(8.0)  # scaled
    now += 900
    assert (steps.usd, steps.usd_per_hour) == (4.0, 8.0)
    steps.paid(4.1)
    now += 900
    assert (steps.usd, steps.usd_per_hour) == (4.1, None)
