from pathlib import Path

import pytest

from aerial_ops.errors import UsageError
from aerial_ops.experiment.plan import load_experiment

GOOD = """
name = "trial"
[source]
folder = "images"
[[train]]
name = "rf"
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "trial.toml"
    path.write_text(text)
    return path


def test_defaults_are_the_missions(tmp_path: Path) -> None:
    plan = load_experiment(written(tmp_path, GOOD))
    assert plan.train[0].classifier == "random-forest"
    assert plan.train[0].backbone == "efficientnet-lite0"
    assert plan.keep == "nothing"


NAME = 'name = "rf"'
FOLDER = 'folder = "images"'


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (NAME, f'{NAME}\nclasifier = "x"', r"trial.toml:7: there is no key 'train.0.clasifier'. Did you mean 'classifier'\?"),
        (NAME, f'{NAME}\nclassifier = "svm"', r"trial.toml:7: train.0.classifier: .*'random-forest'"),
        (FOLDER, "", "needs exactly one of folder, url, sample, scenes; it has none"),
        (FOLDER, 'folder = "a"\nurl = "b"', "it has folder, url"),
        (NAME, f"{NAME}\n[[train]]\n{NAME}", "two trainings are called rf"),
        (NAME, 'name = "r f"', "'r f' is not a model name"),
        (NAME, "name = ", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        load_experiment(written(tmp_path, GOOD.replace(old, new)))


def test_a_missing_file_points_to_the_examples(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_experiment(tmp_path / "no.toml")
    assert "experiments" in caught.value.suggestion


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[2] / "experiments").glob("*.toml")), ids=lambda path: path.stem)
def test_the_examples_are_valid(path: Path) -> None:
    assert load_experiment(path).train
