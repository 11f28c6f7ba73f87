from pathlib import Path

import numpy as np
import pytest

from aerial_ops.analysis.county import County
from aerial_ops.analysis.older import older_labels
from aerial_ops.errors import DataError, UsageError
from tests.analysis.counties import county_like
from tests.analysis.export.test_frame import county_in

LEFT, TOP = 300_000.0, 4_720_000.0


def raster_of(path: Path, codes: np.ndarray, pixel: float, crs: str = "EPSG:32619", nodata: int | None = None) -> Path:
    rasterio = pytest.importorskip("rasterio", reason="rasterio comes with the extra geo")
    place = rasterio.transform.from_origin(LEFT, TOP, pixel, pixel)
    shape = {"height": codes.shape[0], "width": codes.shape[1]}
    with rasterio.open(
        path, "w", driver="GTiff", count=1, dtype=codes.dtype, crs=crs, transform=place, nodata=nodata, **shape
    ) as f:
        f.write(codes, 1)
    return path


def county() -> County:
    return county_in("EPSG:32619", LEFT, TOP, 224.0, rows=6, cols=8)


def expected(codes: np.ndarray, tiles: County, names: dict[int, str]) -> dict[str, str]:
    """Counting every pixel of every tile, with 7 x 7 pixels a tile."""
    found = {}
    for name, row, col in zip(tiles.places.names, tiles.grid.rows, tiles.grid.cols, strict=True):
        inside = codes[row * 7 : row * 7 + 7, col * 7 : col * 7 + 7].ravel()
        for label in {names[code] for code in inside if code in names}:
            if np.mean([names.get(code) == label for code in inside]) > 0.6:
                found[name] = label
    return found


def test_a_raster_of_codes_gives_the_class_of_most_of_each_tile(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    codes = np.kron(rng.choice([11, 21, 24, 41, 81, 12], (6, 8)), np.ones((7, 7))).astype(np.uint8)
    noisy = np.where(rng.random(codes.shape) < 0.2, 52, codes).astype(np.uint8)
    tiles = county()
    found = older_labels(raster_of(tmp_path / "nlcd.tif", noisy, 32.0), tiles)
    names = {11: "Water", 21: "Developed", 24: "Developed", 41: "Forest", 81: "Cultivated", 52: "Shrub"}
    sure = expected(noisy, tiles, names)
    assert len(sure) > 20 and {name: found.get(name) for name in sure} == sure
    assert "Water" in found.values() and len(found) < len(tiles)


def test_a_raster_that_is_finer_and_longer_is_read_band_by_band(tmp_path: Path) -> None:
    codes = np.kron(np.arange(6 * 8).reshape(6, 8) % 2 * 20 + 21, np.ones((112, 112))).astype(np.uint8)
    tiles = county()
    found = older_labels(raster_of(tmp_path / "fine.tif", codes, 2.0), tiles)
    for name, row, col in zip(tiles.places.names, tiles.grid.rows, tiles.grid.cols, strict=True):
        assert found[name] == ("Forest" if (row * 8 + col) % 2 else "Developed")


def test_another_class_map_no_data_and_land_outside(tmp_path: Path) -> None:
    codes = np.full((42, 28), 7, dtype=np.uint8)
    codes[:7] = 9
    tiles = county()
    (tmp_path / "classes.toml").write_text("[classes]\nTown = [7]\nField = [9]\n")
    raster = raster_of(tmp_path / "codes.tif", codes, 32.0, nodata=9)
    found = older_labels(raster, tiles, tmp_path / "classes.toml")
    for name, row, col in zip(tiles.places.names, tiles.grid.rows, tiles.grid.cols, strict=True):
        assert found.get(name) == ("Town" if row > 0 and col < 4 else None)


def test_a_table_is_read_by_name(tmp_path: Path) -> None:
    tiles = county_like(["df"], {"d": "Developed", "f": "Forest"})
    (tmp_path / "older.csv").write_text("filename,label\nt_00001.png,Shrub\n")
    assert older_labels(tmp_path / "older.csv", tiles) == {"t_00001.png": "Shrub"}


def test_what_cannot_be_used_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no file .*missing\.tif"):
        older_labels(tmp_path / "missing.tif", county())
    (tmp_path / "other.csv").write_text("filename,label\nelsewhere.png,Shrub\n")
    with pytest.raises(DataError, match="None of the tiles named in"):
        older_labels(tmp_path / "other.csv", county())
    far = raster_of(tmp_path / "far.tif", np.full((9, 9), 41, dtype=np.uint8), 32.0, crs="EPSG:32633")
    with pytest.raises(DataError, match="do not cover any tile"):
        older_labels(far, county())
    broken = raster_of(tmp_path / "broken.tif", np.full((400, 400), 41, dtype=np.uint8), 8.0)
    broken.write_bytes(broken.read_bytes()[:20_000])
    with pytest.raises(DataError, match=r"broken\.tif are damaged"):
        older_labels(broken, county())
    (tmp_path / "no.tif").write_bytes(b"no raster")
    with pytest.raises(DataError, match="not a raster"):
        older_labels(tmp_path / "no.tif", county())
