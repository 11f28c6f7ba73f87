from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from aerial_ops.datasets.landscape.county import County
from aerial_ops.datasets.landscape.noise import Window
from aerial_ops.storage.layout import CLASSES


@pytest.fixture(scope="module")
def county() -> County:
    return County(12, 16, 224, 1)


def test_the_county_has_every_class_and_coherent_land(county: County) -> None:
    labels = county.labels()
    counts = Counter(label for row in labels for label in row)
    assert set(counts) == set(CLASSES)
    assert max(counts.values()) < 0.6 * 12 * 16
    pairs = [(a, b) for row in labels for a, b in pairwise(row)]
    alike = sum(a == b for a, b in pairs) / len(pairs)
    chance = sum((count / (12 * 16)) ** 2 for count in counts.values())
    assert alike > chance + 0.25


def test_towns_were_smaller_in_the_older_survey(county: County) -> None:
    now, older = np.array(county.labels()), np.array(county.labels(older=True))
    grown, shrunk = (now == "Developed") & (older != "Developed"), (now != "Developed") & (older == "Developed")
    assert grown.sum() > 0 and shrunk.sum() == 0
    assert ((now != older) == grown).all()


def test_a_label_is_what_covers_most_of_the_tile(county: County) -> None:
    labels = county.labels()
    agree = 0
    for row, column in [(r, c) for r in range(0, 12, 2) for c in range(0, 16, 3)]:
        land = county._land(Window(column * 224, row * 224, 224))
        agree += CLASSES[np.bincount(land.ravel(), minlength=6).argmax()] == labels[row][column]
    assert agree >= 34  # of 36: ragged borders may tip a tile that is half one class and half another


def test_neighbouring_tiles_join(county: County) -> None:
    left, right = county.tile(4, 6).astype(int), county.tile(4, 7).astype(int)
    across = np.abs(left[:, -1] - right[:, 0]).mean()
    within = np.abs(left[:, -2] - left[:, -1]).mean()
    assert across < 2.5 * within + 4


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 9), (7, 2)])
def test_small_counties_work(rows: int, columns: int) -> None:
    county = County(rows, columns, 224, 3)
    assert len(county.labels()) == rows and {len(row) for row in county.labels()} == {columns}
    assert county.tile(rows - 1, columns - 1).shape == (224, 224, 3)
