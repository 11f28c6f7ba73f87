"""The names of an experiment's steps, and which of them a plan needs."""

from aerial_ops.experiment.plan import Experiment, Training

PREPARE = "Prepare the images"
MAKE = "Make the environment, and sync the images meanwhile"
COMPARE = "Compare the models"
SCALE = "Scale the cluster for the county"
SCORE = "Classify the county"
REPORT = "Write the report"


def train(training: Training) -> str:
    """The name of a training's step."""
    return f"Train {training.name}"


def remove(plan: Experiment) -> str:
    """The name of the last step."""
    return "Remove everything" if plan.keep == "nothing" else f"Keep {plan.keep}"


def agenda(plan: Experiment) -> list[str]:
    """The steps of a whole run, in their order."""
    score = [*([SCALE] if plan.score.workers else []), SCORE] if plan.score else []
    return [PREPARE, MAKE, *(train(training) for training in plan.train), COMPARE, *score, REPORT, remove(plan)]


def announced(plan: Experiment) -> str:
    """What a run will do, in a sentence."""
    names = ", ".join(training.name for training in plan.train)
    models = f"{len(plan.train)} models ({names})" if len(plan.train) > 1 else f"1 model ({names})"
    return f"{plan.name}: {models}{f'; the best by {plan.best} maps the county' if plan.score else ''}."
