import numpy as np
import pytest

from aerial_ops.datasets.classes import NLCD, class_names, to_classes
from aerial_ops.storage.layout import CLASSES

# The NLCD legend of the contiguous states; what is not named here has no class.
EXPECTED = {
    31: "Barren", 81: "Cultivated", 82: "Cultivated", 21: "Developed", 22: "Developed", 23: "Developed", 24: "Developed",
    41: "Forest", 42: "Forest", 43: "Forest", 90: "Forest", 71: "Herbaceous", 72: "Herbaceous", 73: "Herbaceous",
    74: "Herbaceous", 95: "Herbaceous", 51: "Shrub", 52: "Shrub",
}  # fmt: skip


@pytest.mark.parametrize("water", [False, True])
def test_every_code_becomes_its_class(water: bool) -> None:
    names = class_names(water=water)
    numbers = to_classes(np.arange(256, dtype=np.uint8).reshape(16, 16), water=water).ravel()
    expected = EXPECTED | ({11: "Water"} if water else {})
    assert {code: names[number - 1] for code, number in enumerate(numbers) if number} == expected


def test_no_code_is_in_two_classes() -> None:
    codes = [code for codes in NLCD.values() for code in codes]
    assert len(codes) == len(set(codes)) and set(NLCD) == {*CLASSES, "Water"}
