from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from rasterio.enums import ColorInterp

from aerial_ops.datasets.files import LocalFile
from aerial_ops.datasets.projection import transform
from aerial_ops.datasets.raster import describe
from aerial_ops.datasets.reading import Target, pixels_across, read_onto
from aerial_ops.errors import DataError
from tests.datasets.conftest import LEFT, PIXEL, TOP, UTM14

Write = Callable[..., Path]


@pytest.fixture
def picture() -> np.ndarray:
    return np.random.default_rng(1).integers(1, 255, (3, 40, 50), np.uint8)


def onto(
    path: Path, *, left: float = LEFT, top: float = TOP, pixel: float = PIXEL, width: int = 50, height: int = 40
) -> tuple[np.ndarray, np.ndarray]:
    raster = describe(LocalFile(path))
    return read_onto(raster, [1, 2, 3][: len(raster.dtypes)], Target(raster.crs, left, top, pixel, width, height))


def test_pixels_on_the_same_grid_are_kept(write_raster: Write, picture: np.ndarray) -> None:
    found, there = onto(write_raster("a.tif", picture))
    np.testing.assert_array_equal(found, picture)
    assert there.all()


def test_a_scene_that_lies_a_metre_off_is_moved_not_blurred(write_raster: Write, picture: np.ndarray) -> None:
    found, _ = onto(write_raster("a.tif", picture, left=LEFT - 1.0, top=TOP + 2.0))
    np.testing.assert_array_equal(found[:, :-1, :-1], picture[:, :-1, :-1])


def test_outside_there_is_no_data(write_raster: Write, picture: np.ndarray) -> None:
    found, there = onto(write_raster("a.tif", picture), left=LEFT + 20 * PIXEL)
    np.testing.assert_array_equal(found[:, :, :30], picture[:, :, 20:])
    assert there[:, :30].all() and not there[:, 30:].any()
    assert not onto(write_raster("b.tif", picture), left=LEFT + 1e6)[1].any()


def test_declared_and_black_pixels_are_no_data(write_raster: Write, picture: np.ndarray) -> None:
    picture[:, 0, :] = 0
    picture[:, 1, :] = 255
    picture[0, 2, :] = 255
    _, there = onto(write_raster("a.tif", picture, nodata=255))
    assert not there[:2].any() and there[2:].all()


def test_an_infrared_band_tagged_as_alpha_is_no_mask(write_raster: Write, picture: np.ndarray) -> None:
    import rasterio

    infrared = np.where(np.arange(50) < 25, 0, 90).astype(np.uint8)[None, None, :].repeat(40, axis=1)
    path = write_raster("a.tif", np.concatenate([picture, infrared]))
    with rasterio.open(path, "r+") as file:
        file.colorinterp = [ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha]
    assert onto(path)[1].all()
    with rasterio.open(path, "r+") as file:
        file.write(np.where(infrared > 0, 255, 0).astype(np.uint8)[0], 4)
    assert onto(path)[1][0].tolist() == [False] * 25 + [True] * 25


def test_finer_pixels_are_averaged_and_coarser_interpolated(write_raster: Write) -> None:
    board = (np.indices((80, 100)).sum(axis=0) % 2 * 200 + 20).astype(np.uint8)
    fine, _ = onto(write_raster("fine.tif", board, pixel=PIXEL / 2))
    assert np.abs(fine.astype(int) - 120).max() <= 1
    steps = np.repeat(np.array([[50, 150]], np.uint8), 2, axis=0)
    coarse, _ = onto(write_raster("coarse.tif", steps, pixel=PIXEL * 10), width=20, height=20)
    assert len(np.unique(coarse)) > 5


def test_another_reference_system_is_brought_over(write_raster: Write) -> None:
    # A scene in degrees, read onto metres: the bright quarter must come to lie where its coordinates say.
    longitudes, latitudes = transform(UTM14, "EPSG:4326", np.array([LEFT, LEFT + 400]), np.array([TOP, TOP - 400]))
    step = (latitudes[0] - latitudes[1]) / 200
    scene = np.full((3, 400, 600), 40, np.uint8)
    row, column = 100, int((longitudes[1] - longitudes[0]) / step / 2)
    scene[:, :row, :column] = 220
    path = write_raster("degrees.tif", scene, left=longitudes[0], top=latitudes[0], pixel=step, crs="EPSG:4326")
    found, there = read_onto(describe(LocalFile(path)), [1, 2, 3], Target("EPSG:26914", LEFT, TOP, PIXEL, 80, 80))
    assert there[5:75, 5:75].all()
    assert found[0, 5:35, 5:35].min() > 200 and found[0, 45:75, 45:75].max() < 60


def test_a_file_cut_short(write_raster: Write, picture: np.ndarray) -> None:
    path = write_raster("a.tif", np.tile(picture, (1, 10, 10)), compress="deflate")
    raster = describe(LocalFile(path))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DataError, match=r"a\.tif is damaged"):
        read_onto(raster, [1], Target(raster.crs, LEFT, TOP, PIXEL, 500, 400))


@pytest.mark.parametrize(("crs", "pixel", "left", "top"), [(UTM14, 2.5, LEFT, TOP), ("EPSG:4326", 0.00003, -99.27, 46.96)])
def test_the_number_of_pixels_across(write_raster: Write, crs: str, pixel: float, left: float, top: float) -> None:
    raster = describe(LocalFile(write_raster("a.tif", np.ones((3, 40, 40), np.uint8), left=left, top=top, pixel=pixel, crs=crs)))
    across = pixels_across(raster, Target(UTM14, LEFT, TOP - 400, 1.0, 224, 224))
    metres = 2.5 if crs == UTM14 else 0.00003 * 111_320 * np.cos(np.radians(46.96))
    assert across == pytest.approx(224 / metres, rel=0.01)
