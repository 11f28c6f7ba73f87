import builtins
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aerial_ops.datasets.files import LocalFile
from aerial_ops.datasets.raster import Raster, describe
from aerial_ops.errors import DataError, ToolError, UsageError

Write = Callable[..., Path]


@pytest.fixture
def picture() -> np.ndarray:
    return np.random.default_rng(1).integers(1, 255, (3, 40, 50), np.uint8)


def described(path: Path) -> Raster:
    return describe(LocalFile(path))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        described(tmp_path / "none.tif")


def test_a_file_that_is_no_raster(tmp_path: Path) -> None:
    (tmp_path / "text.tif").write_text("hello")
    with pytest.raises(DataError, match="not a raster"):
        described(tmp_path / "text.tif")


def test_no_reference_system(write_raster: Write, picture: np.ndarray) -> None:
    with pytest.raises(DataError, match="no coordinate reference system"):
        described(write_raster("a.tif", picture, crs=None))


@pytest.mark.parametrize(
    ("name", "date"), [("m_4709963_se_14_1_20180716.tif", "20180716"), ("x_1234567890.tif", ""), ("s20161340.tif", "")]
)
def test_the_date_is_in_the_name(write_raster: Write, picture: np.ndarray, name: str, date: str) -> None:
    assert described(write_raster(name, picture)).date == date


def test_the_date_is_in_the_tag(write_raster: Write, picture: np.ndarray) -> None:
    import rasterio

    path = write_raster("a.tif", picture)
    with rasterio.open(path, "r+") as file:
        file.update_tags(TIFFTAG_DATETIME="2014:07:20 12:00:00")
    assert described(path).date == "20140720"


def test_without_the_extra_there_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.split(".", maxsplit=1)[0] == "rasterio":
            raise ModuleNotFoundError("No module named 'rasterio'", name="rasterio")
        return real(name, *rest, **more)

    for name in [name for name in sys.modules if name.split(".")[0] == "rasterio"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ToolError, match="rasterio") as caught:
        described(tmp_path / "a.tif")
    assert 'pip install "aerial-ops[geo]"' in caught.value.suggestion


def test_a_raster_without_coordinates(write_raster: Write, picture: np.ndarray) -> None:
    from rasterio.transform import Affine

    with pytest.raises(DataError, match="no georeference"):
        described(write_raster("a.tif", picture, transform=Affine.identity()))


def test_a_name_with_spaces(write_raster: Write, picture: np.ndarray) -> None:
    assert described(write_raster("north east 20180716 (1).tif", picture)).date == "20180716"
