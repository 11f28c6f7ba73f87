import pytest

from aerial_ops.experiment.agenda import agenda, announced
from aerial_ops.experiment.plan import Experiment

BASE = {"name": "trial", "source": {"folder": "x"}, "train": [{"name": "rf"}]}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "trial: 1 model (rf); the best by accuracy maps the county."),
        ({"score": False, "grid": [{"name": "g", "seed": [1, 2]}]}, "trial: 3 models (rf, g-seed1, g-seed2)."),
    ],
)
def test_a_run_is_announced_with_each_model(more: dict[str, object], words: str) -> None:
    assert announced(Experiment.model_validate({**BASE, **more}).expanded()) == words


def test_the_steps_are_known_beforehand() -> None:
    plan = Experiment.model_validate({**BASE, "keep": "data", "score": False})
    assert [step.split()[0] for step in agenda(plan)] == ["Prepare", "Make", "Train", "Compare", "Write", "Keep"]
