"""Land-cover codes and the classes they become."""

import numpy as np
import numpy.typing as npt

from aerial_ops.storage.layout import CLASSES

WATER = "Water"
NONE = 0
"""Index of what belongs to no class: unlabelled, or a code that is left out."""

NLCD = {
    "Barren": (31,),
    "Cultivated": (81, 82),
    "Developed": (21, 22, 23, 24),
    "Forest": (41, 42, 43, 90),
    "Herbaceous": (71, 72, 73, 74, 95),
    "Shrub": (51, 52),
    WATER: (11,),
}
"""Codes of the National Land Cover Database by class (USGS legend). Open water and perennial ice (12) have no class of their own
in the original scenario; water can be kept as a class, everything else is left out."""


def class_names(*, water: bool) -> tuple[str, ...]:
    """The classes that tiles are sorted into; index + 1 is their number in an array of `to_classes`."""
    return (*CLASSES, WATER) if water else CLASSES


def to_classes(codes: npt.NDArray[np.uint8], *, water: bool) -> npt.NDArray[np.uint8]:
    """Class numbers (1 for the first name of `class_names`, NONE for no class) of NLCD codes, in the same shape."""
    table = np.zeros(256, np.uint8)
    for number, name in enumerate(class_names(water=water), start=1):
        table[list(NLCD[name])] = number
    return np.asarray(table[codes], np.uint8)
