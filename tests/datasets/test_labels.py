from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from aerial_ops.datasets.grid import common_grid
from aerial_ops.datasets.labels import check_overlap, label_tiles, open_labels
from aerial_ops.datasets.raster import describe
from aerial_ops.datasets.scenes import open_scene
from aerial_ops.errors import DataError
from tests.datasets.conftest import LEFT, PIXEL

Write = Callable[..., Path]


def test_the_majority_counts_pixels_of_the_class_and_all_of_the_tile(write_raster: Write) -> None:
    codes = np.full((16, 64), 82, np.uint8)
    codes[:, 4:16] = 41  # tile 0: 12/16 Forest, by three codes of it
    codes[:8, 4:16] = 42
    codes[:, 16:27] = 81  # tile 1: all Cultivated, by two codes
    codes[:, 32:44] = 0  # tile 2: 4/16 Cultivated, the rest unlabelled
    codes[:, 48:59] = 52  # tile 3: 11/16 Shrub
    grid = common_grid([describe(write_raster("a.tif", np.ones((3, 16, 64), np.uint8)))], 16)
    found, pixels = label_tiles(describe(write_raster("l.tif", codes, nodata=0)), grid, 0.75, water=False)
    assert {place: (label.name, label.share) for place, label in found.items()} == {
        (0, 0): ("Forest", 0.75),
        (0, 1): ("Cultivated", 1.0),
    }
    assert pixels["Shrub"] == 11 * 16 and pixels["Barren"] == 0


def test_coarse_labels_are_laid_over_fine_pixels(write_raster: Write) -> None:
    grid = common_grid([describe(write_raster("a.tif", np.ones((3, 36, 72), np.uint8)))], 36)
    codes = np.array([[82] * 6 + [71] * 6] * 6, np.uint8)
    found, _ = label_tiles(describe(write_raster("l.tif", codes, pixel=30.0)), grid, 1.0, water=False)
    assert [found[0, 0].name, found[0, 1].name] == ["Cultivated", "Herbaceous"]


@pytest.mark.parametrize(("water", "expected"), [(False, []), (True, ["Water"])])
def test_water_is_a_class_only_when_asked(write_raster: Write, water: bool, expected: list[str]) -> None:
    grid = common_grid([describe(write_raster("a.tif", np.ones((3, 16, 16), np.uint8)))], 16)
    labels = describe(write_raster("l.tif", np.full((16, 16), 11, np.uint8)))
    assert [label.name for label in label_tiles(labels, grid, 0.75, water=water)[0].values()] == expected


def test_labels_elsewhere(write_raster: Write) -> None:
    scene = open_scene(write_raster("a.tif", np.ones((3, 16, 16), np.uint8)))
    labels = open_labels(write_raster("l.tif", np.ones((16, 16), np.uint8), left=LEFT + 16 * PIXEL))
    with pytest.raises(DataError, match="do not overlap"):
        check_overlap(labels, [scene])


def test_labels_of_sixteen_bits(write_raster: Write) -> None:
    with pytest.raises(DataError, match="uint16"):
        open_labels(write_raster("l.tif", np.ones((16, 16), np.uint16)))
