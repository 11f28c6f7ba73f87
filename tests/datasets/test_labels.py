from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aerial_ops.datasets.classes import NONE, class_map
from aerial_ops.datasets.files import LocalFile
from aerial_ops.datasets.grid import Grid, Tiling, common_grid
from aerial_ops.datasets.labels import Labels, check_overlap, label_tiles, open_labels
from aerial_ops.datasets.projection import transform
from aerial_ops.datasets.scenes import layers_of, open_scene
from aerial_ops.errors import DataError
from tests.datasets.conftest import LEFT, PIXEL, TOP

Write = Callable[..., Path]
CLASSES = class_map(water=True)


def grid_of(write_raster: Write, height: int, width: int, side: int, overlap: float = 0.0) -> Grid:
    scene = write_raster("scene.tif", np.ones((3, height, width), np.uint8))
    return common_grid(layers_of([open_scene(LocalFile(scene))]), Tiling(side * PIXEL, side, overlap))


def labelled(path: Path, grid: Grid) -> Labels:
    return label_tiles(open_labels(LocalFile(path)), grid, CLASSES)


def names(array: np.ndarray) -> list[str]:
    return [(*CLASSES.names, "")[index] for index in array.ravel()]


def test_a_majority_is_a_share_of_all_of_the_tile(write_raster: Write) -> None:
    codes = np.full((16, 64), 82, np.uint8)
    codes[:, 4:16] = 41  # tile 0: 12/16 Forest, by three codes of it
    codes[:8, 4:16] = 42
    codes[:, 16:27] = 81  # tile 1: all Cultivated, by two codes
    codes[:, 32:44] = 0  # tile 2: 4/16 Cultivated, the rest unlabelled
    codes[:, 48:59] = 52  # tile 3: 11/16 Shrub
    found = labelled(write_raster("l.tif", codes, nodata=0), grid_of(write_raster, 16, 64, 16))
    assert names(found.by("majority", 0.74)) == ["Forest", "Cultivated", "", ""]
    assert names(found.most) == ["Forest", "Cultivated", "", "Shrub"]
    np.testing.assert_allclose(found.share, [[12 / 16, 1, 4 / 16, 11 / 16]], atol=1 / 16)
    assert found.points["Barren"] == 0 < found.points["Shrub"]


def test_three_by_three_points_must_fall_in_one_class(write_raster: Write) -> None:
    # A label pixel is a sixth of a tile, so the points lie in the second, fourth and sixth pixel (row and column 1, 3, 5).
    codes = np.full((6, 24), 82, np.uint8)
    codes[0::2, :] = codes[:, 0::2] = 41  # tile 0: only the points are Cultivated, three quarters are Forest
    codes[:, 6:] = 82
    codes[3, 9] = 41  # tile 1: one point differs
    codes[5, 17] = 81  # tile 2: another code of the same class
    codes[1, 19] = 0  # tile 3: one point without a label
    grid = grid_of(write_raster, 36, 144, 36)
    found = labelled(write_raster("l.tif", codes, pixel=30.0, nodata=0), grid)
    assert names(found.by("points", 0.75)) == ["Cultivated", "", "Cultivated", ""]
    assert names(found.most)[:2] == ["Forest", "Cultivated"]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 10_000), pixel=st.sampled_from([7.0, 30.0]), shift=st.floats(-60, 60), overlap=st.sampled_from([0.0, 0.5])
)
def test_labels_agree_with_looking_up_each_point(
    write_raster: Write, seed: int, pixel: float, shift: float, overlap: float
) -> None:
    codes = np.random.default_rng(seed).choice(np.array([0, 11, 41, 82], np.uint8), (12, 14), p=[0.1, 0.1, 0.4, 0.4])
    grid = grid_of(write_raster, 40, 60, 12, overlap)
    found = labelled(write_raster("l.tif", codes, left=LEFT + shift, top=TOP + shift, pixel=pixel, nodata=0), grid)
    thirds = [grid.tile * k / 6 for k in (1, 3, 5)]
    for row in range(grid.rows):
        for column in range(grid.columns):
            x, y = grid.left + column * grid.step, grid.top - row * grid.step
            nine = set()
            for i in thirds:
                for j in thirds:
                    across, down = int((x + j - LEFT - shift) // pixel), int((TOP + shift - y + i) // pixel)
                    inside = 0 <= across < 14 and 0 <= down < 12
                    nine.add(CLASSES.indices(codes[down : down + 1, across : across + 1]).item() if inside else NONE)
            assert found.agreed[row, column] == (nine.pop() if len(nine) == 1 else NONE)


def test_labels_in_another_reference_system(write_raster: Write) -> None:
    grid = grid_of(write_raster, 64, 64, 16)
    (west, east), (north, south) = transform(
        grid.crs, "EPSG:4326", np.array([LEFT - 100, LEFT + 500]), np.array([TOP + 100, TOP - 500])
    )
    step = (north - south) / 300
    codes = np.full((300, int((east - west) / step) + 1), 82, np.uint8)
    codes[: int(260 / 600 * 300), : int(260 / 600 * codes.shape[1])] = 41  # 160 m into the grid, both ways
    path = write_raster("l.tif", codes, left=west, top=north, pixel=step, crs="EPSG:4326")
    found = labelled(path, grid)
    assert names(found.most) == ["Forest", "Forest", "Cultivated", "Cultivated"] * 2 + ["Cultivated"] * 8


def test_a_large_grid_is_labelled_in_blocks(write_raster: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = np.random.default_rng(0).choice(np.array([11, 41, 82], np.uint8), (40, 72))
    grid, path = grid_of(write_raster, 40, 72, 8), write_raster("l.tif", codes)
    whole = labelled(path, grid)
    monkeypatch.setattr("aerial_ops.datasets.labels.BLOCK", 3)
    blocks = labelled(path, grid)
    for name in ("most", "share", "agreed"):
        np.testing.assert_array_equal(getattr(blocks, name), getattr(whole, name))
    assert blocks.points == whole.points


def test_labels_elsewhere(write_raster: Write) -> None:
    scene = open_scene(LocalFile(write_raster("a.tif", np.ones((3, 16, 16), np.uint8))))
    labels = open_labels(LocalFile(write_raster("l.tif", np.ones((16, 16), np.uint8), left=LEFT + 16 * PIXEL)))
    with pytest.raises(DataError, match="do not overlap"):
        check_overlap(labels, [scene])


def test_labels_of_sixteen_bits(write_raster: Write) -> None:
    with pytest.raises(DataError, match="uint16"):
        open_labels(LocalFile(write_raster("l.tif", np.ones((16, 16), np.uint16))))
