"""Grids: all combinations, each once, under names that are valid, different and readable."""

from math import prod
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aerial_ops.errors import UsageError
from aerial_ops.experiment.loading import load_experiment
from aerial_ops.experiment.trainings import MOST, Grid
from aerial_ops.jobs.spec import DEFAULTS, PARAMETERS
from aerial_ops.names import checked_name

HEAD = 'name = "trial"\n[source]\nfolder = "images"\n'


def loaded(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "trial.toml"
    path.write_text(HEAD + text)
    return [training.name for training in load_experiment(path).train]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            '[grid]\nbackbone = ["resnet18", "alexnet"]\nclassifier = ["random-forest", "logistic-regression"]',
            [
                "resnet18-random-forest",
                "resnet18-logistic-regression",
                "alexnet-random-forest",
                "alexnet-logistic-regression",
            ],
        ),
        (
            '[grid]\nbackbone = "resnet18"\nparams = { numTrees = [20, 50], maxDepth = 5 }',
            ["resnet18-random-forest-numTrees20", "resnet18-random-forest-numTrees50"],
        ),
        (
            '[[grid]]\nname = "lr"\nclassifier = "logistic-regression"\n'
            "params.regParam = [0.01, 1e-05]\n[[grid]]\nname='rf'\nsample_frac=[0.1, 1.0]\nseed=[1, 2]",
            [
                *("lr-regParam0_01", "lr-regParam1e-05"),
                *("rf-sample0_1-seed1", "rf-sample0_1-seed2", "rf-sample1_0-seed1", "rf-sample1_0-seed2"),
            ],
        ),
        ('[[train]]\nname = "one"\n[grid]\nname = "two"', ["one", "two"]),
    ],
)  # fmt: skip
def test_names_say_what_differs(tmp_path: Path, text: str, names: list[str]) -> None:
    assert loaded(tmp_path, text) == names


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[grid]\nseed = [1, 2, 1]", "trial.toml:5: seed in [grid]: 1 is listed twice."),
        ("[grid]\nbackbone = []", "trial.toml:5: backbone in [grid]: the list is empty."),
        ("[grid]\nparams = { numTrees = [] }", "trial.toml:5: numTrees in [grid.params]: the list is empty."),
        (
            '[[grid]]\n[[grid]]\nclassifier = ["random-forest", "svm"]',
            "trial.toml:6: classifier in [[grid]]: 'svm' is not one of 'random-forest', 'logistic-regression', 'lightgbm'.",
        ),
        ('[grid]\nclassifier = "svm"', "trial.toml:5: classifier in [grid]: 'svm' is not one of"),
        (
            '[grid]\nclassifier = ["random-forest", "logistic-regression"]\nparams.numTrees = 5',
            "trial.toml:4: [grid]: params belong to one classifier; write a [[grid]] for each classifier.",
        ),
        (
            "[[grid]]\nparams.numTress = 5",
            "trial.toml:5: [[grid]]: random-forest has no parameter 'numTress'; did you mean 'numTrees'?",
        ),
        ("[grid]\nseeds = 5", "trial.toml:5: there is no key 'seeds' in [grid]. Did you mean 'seed'?"),
        ("[[grid]]\n[[grid]]\nsample_frac = 0.5", "trial.toml:5: two trainings are called efficientnet-lite0-random-forest."),
        (
            f"[grid]\nseed = {list(range(50))}\nparams.maxDepth = {list(range(1, 13))}",
            f"trial.toml:4: [grid]: it makes 600 trainings, and {MOST} are allowed; shorten its lists.",
        ),
        (
            f"[[grid]]\nname = 'a'\nseed = {list(range(60))}\n[[grid]]\nname = 'b'\nseed = {list(range(60))}",
            f"trial.toml: 120 trainings, and {MOST} are allowed.",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_grid_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        loaded(tmp_path, text)
    assert words in caught.value.message


def several(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=1, max_size=3, unique_by=lambda value: (str(value), type(value)))


VALUES = st.integers(-99, 99) | st.floats(allow_nan=False) | st.text(max_size=9)
GRIDS = st.builds(
    dict,
    name=st.none() | st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", fullmatch=True),
    backbone=several(st.text(min_size=1, max_size=40)),
    classifier=st.sampled_from(["random-forest", "logistic-regression"]),
    sample_frac=several(st.floats(0, 1, exclude_min=True)),
    seed=several(st.integers()),
)


@settings(deadline=None)
@given(GRIDS, st.data())
def test_any_grid_makes_all_combinations_under_different_valid_names(keys: dict[str, Any], data: st.DataObject) -> None:
    params = data.draw(st.dictionaries(st.sampled_from(sorted(PARAMETERS[keys["classifier"]])), several(VALUES), max_size=2))
    lists = [keys["backbone"], keys["sample_frac"], keys["seed"], *params.values()]
    try:
        grid = Grid(**keys, params=params)
    except ValueError as error:
        assert prod(map(len, lists)) > MOST or "listed twice" in str(error)  # 1 and 1.0 are one value
        return
    trainings = list(grid.trainings())
    names = {checked_name(training.name) for training in trainings}
    points = {repr(training.model_dump(exclude={"name"})) for training in trainings}
    assert len(trainings) == len(names) == len(points) == prod(map(len, lists))
    assert list(grid.trainings()) == trainings


def test_the_defaults_can_be_set() -> None:
    assert all(set(DEFAULTS[classifier]) <= PARAMETERS[classifier] for classifier in DEFAULTS)
