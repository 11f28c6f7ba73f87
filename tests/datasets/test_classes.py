from pathlib import Path

import numpy as np
import pytest

from aerial_ops.datasets.classes import NONE, class_map
from aerial_ops.errors import UsageError
from aerial_ops.storage.layout import CLASSES

# The NLCD legend of the contiguous states; what is not named here has no class.
EXPECTED = {
    31: "Barren", 81: "Cultivated", 82: "Cultivated", 21: "Developed", 22: "Developed", 23: "Developed", 24: "Developed",
    41: "Forest", 42: "Forest", 43: "Forest", 90: "Forest", 71: "Herbaceous", 72: "Herbaceous", 73: "Herbaceous",
    74: "Herbaceous", 95: "Herbaceous", 51: "Shrub", 52: "Shrub",
}  # fmt: skip


@pytest.mark.parametrize("water", [False, True])
def test_every_code_becomes_its_class(water: bool) -> None:
    classes = class_map(water=water)
    indices = classes.indices(np.arange(256, dtype=np.uint8).reshape(16, 16)).ravel()
    expected = EXPECTED | ({11: "Water"} if water else {})
    assert {code: classes.names[index] for code, index in enumerate(indices) if index != NONE} == expected
    assert classes.names == (*CLASSES, "Water") if water else CLASSES


def test_classes_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "classes.toml"
    file.write_text("[classes]\nTrees = [41, 42, 43]\nTown = [21, 22]\n")
    classes = class_map(file, water=True)
    assert classes.names == ("Trees", "Town", "Water")
    assert classes.indices(np.array([42, 21, 11, 90], np.uint8)).tolist() == [0, 1, 2, NONE]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[classes]\nA = [1]\n", "names 1 classes"),
        ("[classes]\nA = [1, 2]\nB = [2]\n", "Code 2 is in two classes: A and B"),
        ("[classes]\nA = [300]\nB = [2]\n", "A is not a list of codes"),
        ("[classes]\nA = 7\nB = [2]\n", "A is not a list of codes"),
        ("[classes]\nA = [true]\nB = [2]\n", "A is not a list of codes"),
        ("[classes]\nA = []\nB = [2]\n", "A is not a list of codes"),
        ("[classes]\n'../A' = [1]\nB = [2]\n", "'../A' is not a class name"),
        ("A = [1]\n", "no table"),
        ("[classes\n", "not valid TOML"),
    ],
)
def test_what_is_wrong_with_a_class_map(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "classes.toml"
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        class_map(file)
    assert words in caught.value.message


def test_a_missing_class_map(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no class map"):
        class_map(tmp_path / "none.toml")
