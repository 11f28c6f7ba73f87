from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.enums import ColorInterp

from aerial_ops.datasets.files import LocalFile
from aerial_ops.datasets.reading import Target
from aerial_ops.datasets.scenes import Scene, layers_of, open_scene
from aerial_ops.errors import DataError, UsageError
from tests.datasets.conftest import LEFT, PIXEL, TOP

Write = Callable[..., Path]


def opened(path: Path) -> Scene:
    return open_scene(LocalFile(path))


@pytest.mark.parametrize(("bands", "words"), [(1, "one band"), (2, "2 bands")])
def test_too_few_bands(write_raster: Write, bands: int, words: str) -> None:
    with pytest.raises(DataError, match=words):
        opened(write_raster("a.tif", np.ones((bands, 8, 8), np.uint8)))


def test_sixteen_bits(write_raster: Write) -> None:
    with pytest.raises(DataError, match="uint16") as caught:
        opened(write_raster("a.tif", np.ones((4, 8, 8), np.uint16)))
    assert "gdal_translate" in caught.value.suggestion


def test_red_green_and_blue_are_read_never_infrared(write_raster: Write) -> None:
    path = write_raster("a_20140720.tif", np.arange(1, 5, dtype=np.uint8)[:, None, None] * np.ones((4, 8, 8), np.uint8))
    target = Target(opened(path).raster.crs, LEFT, TOP, PIXEL, 8, 8)
    assert np.unique(opened(path).read(target)[0].reshape(3, -1), axis=1).ravel().tolist() == [1, 2, 3]
    with rasterio.open(path, "r+") as file:
        file.colorinterp = [ColorInterp.undefined, ColorInterp.blue, ColorInterp.green, ColorInterp.red]
    assert np.unique(opened(path).read(target)[0].reshape(3, -1), axis=1).ravel().tolist() == [4, 3, 2]


def test_two_scenes_of_one_name(write_raster: Write, tmp_path: Path) -> None:
    path = write_raster("a.tif", np.ones((3, 8, 8), np.uint8))
    (tmp_path / "other").mkdir()
    other = path.rename(tmp_path / "other" / "a.tif")
    with pytest.raises(UsageError, match="Two scenes are named a"):
        layers_of([opened(write_raster("a.tif", np.ones((3, 8, 8), np.uint8))), opened(other)])


def test_the_date_of_the_tag_is_added_to_the_name(write_raster: Write) -> None:
    path = write_raster("quarter quad.tif", np.ones((3, 8, 8), np.uint8))
    with rasterio.open(path, "r+") as file:
        file.update_tags(TIFFTAG_DATETIME="2014:07:20 12:00:00")
    assert opened(path).name == "quarter-quad_20140720"


def test_scenes_are_grouped_by_year(write_raster: Write) -> None:
    names = ("b_20140701.tif", "a_20140709.tif", "c_20120701.tif", "d.tif", "e.tif")
    scenes = [opened(write_raster(name, np.ones((3, 8, 8), np.uint8))) for name in names]
    layers = [(layer.year, [scene.name for scene in layer.scenes]) for layer in layers_of(scenes)]
    assert layers == [("", ["d", "e"]), ("2012", ["c_20120701"]), ("2014", ["b_20140701", "a_20140709"])]
