"""Small georeferenced rasters that the tests make."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

UTM14 = "EPSG:26914"
LEFT, TOP, PIXEL = 480000.0, 5200000.0, 5.0


@pytest.fixture
def write_raster(tmp_path: Path) -> Callable[..., Path]:
    """Write an array [BANDS, H, W] (or [H, W]) as a GeoTIFF."""

    def write(
        name: str, array: np.ndarray, *, left: float = LEFT, top: float = TOP, pixel: float = PIXEL, **profile: Any
    ) -> Path:
        array = array[None] if array.ndim == 2 else array
        path = tmp_path / name
        settings = {"crs": UTM14, "transform": from_origin(left, top, pixel, pixel), **profile}
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            count=len(array),
            height=array.shape[1],
            width=array.shape[2],
            dtype=array.dtype,
            **settings,
        ) as file:
            file.write(array)
        return path

    return write


@pytest.fixture
def striped(write_raster: Callable[..., Path]) -> tuple[list[Path], Path]:
    """Two scenes of 12 x 6 tiles of 80 m (16 pixels) in two years, and their labels: columns are grass, crops, grass, ..."""
    random = np.random.default_rng(0)
    base = random.integers(60, 200, (4, 96, 192), np.uint8)
    codes = np.repeat(np.tile(np.array([71, 82], np.uint8), 6), 16)[None, :].repeat(96, axis=0)
    scenes = [write_raster(f"scene_{year}0701.tif", base + np.uint8(k)) for k, year in enumerate((2012, 2014))]
    return scenes, write_raster("labels.tif", codes, nodata=0)
