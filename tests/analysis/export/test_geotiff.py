from pathlib import Path

import numpy as np
import pytest

from aerial_ops.analysis.county import County, county_of
from aerial_ops.analysis.export.frame import Frame, frame_of
from aerial_ops.analysis.export.geotiff import classes_as_geotiff, values_as_geotiff
from aerial_ops.analysis.palette import class_colours
from aerial_ops.analysis.tables import Predictions
from aerial_ops.errors import DataError
from tests.analysis.counties import county_with, places_at
from tests.analysis.export.maps import layers_in

pytest.importorskip("pyproj", reason="pyproj comes with the extra geo")
rasterio = pytest.importorskip("rasterio", reason="rasterio comes with the extra geo")
LAYERS = layers_in()
FRAME = frame_of(LAYERS.county)


def written(folder: Path, frame: Frame, county: County) -> Path:
    path = folder / "classes.tif"
    raw, names = classes_as_geotiff(frame, county, county.raw, class_colours(county.classes), "classes", LAYERS.source)
    path.write_bytes(raw)
    path.with_name("classes.tif.aux.xml").write_bytes(names)
    return path


def test_every_tile_is_a_cell_of_its_class(tmp_path: Path) -> None:
    county = LAYERS.county
    with rasterio.open(written(tmp_path, FRAME, county)) as file:
        cells = file.read(1)
        assert file.crs.to_epsg() == 32619 and file.nodata == 0
        assert np.array_equal(cells[county.grid.rows, county.grid.cols], county.raw + 1)
        assert (cells > 0).sum() == len(county)
        latitude, longitude = county.places.centres
        x, y = rasterio.warp.transform("EPSG:4326", file.crs, longitude, latitude)
        assert [value[0] for value in file.sample(zip(x, y, strict=True))] == (county.raw + 1).tolist()
        assert tuple(file.transform)[:6] == pytest.approx((224, 0, 300_000, 0, -224, 4_720_000), abs=0.01)


def test_colours_names_and_origin_are_in_the_file(tmp_path: Path) -> None:
    from rasterio.shutil import copy

    path = written(tmp_path, FRAME, LAYERS.county)
    with rasterio.open(path) as file:
        colours, tags = file.colormap(1), file.tags()
        assert file.descriptions == ("classes",)
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    for i, (name, colour) in enumerate(class_colours(LAYERS.county.classes).items(), start=1):
        assert "#" + bytes(colours[i][:3]).hex() == colour and tags[f"CLASS_{i}"] == name
    assert (tags["MODEL"], tags["RUN"]) == ("rf1", "rf1-score-1")
    copy(path, tmp_path / "as.vrt", driver="VRT")
    told = (tmp_path / "as.vrt").read_text()
    assert [f"<Category>{name}</Category>" in told for name in LAYERS.county.classes] == [True] * 3


def test_numbers_are_kept_as_they_are(tmp_path: Path) -> None:
    county, certainty = LAYERS.county, LAYERS.certainty
    assert certainty is not None
    path = tmp_path / "confidence.tif"
    path.write_bytes(values_as_geotiff(FRAME, county, certainty, "confidence", LAYERS.source))
    with rasterio.open(path) as file:
        cells = file.read(1)
        assert file.dtypes == ("float32",) and np.isnan(file.nodata)
    assert np.array_equal(cells[county.grid.rows, county.grid.cols], certainty.astype(np.float32), equal_nan=True)
    assert np.isnan(cells).sum() == cells.size - len(county) + 1


def test_a_large_map_has_overviews_of_the_most_frequent_class(tmp_path: Path) -> None:
    rows, cols = (index.ravel() for index in np.indices((40, 600)))
    county = county_with(rows, cols, cols // 100 % 2, "AB")
    path = written(tmp_path, frame_of(county), county)
    with rasterio.open(path) as file:
        assert file.overviews(1) == [2] and file.profile["tiled"]
        small = file.read(1, out_shape=(20, 300))
        assert np.array_equal(np.unique(small), [1, 2]) and small[10, 10] == 1 and small[10, 60] == 2
    assert path.stat().st_size < 100_000


def test_a_turned_map_lies_where_its_tiles_lie(tmp_path: Path) -> None:
    rows, cols = (index.ravel() for index in np.indices((12, 15)))
    county = county_with(rows, cols, np.arange(180) % 2, "AB", turned=20.0)
    with rasterio.open(written(tmp_path, frame_of(county), county)) as file:
        latitude, longitude = county.places.centres
        x, y = rasterio.warp.transform("EPSG:4326", file.crs, longitude, latitude)
        assert [value[0] for value in file.sample(zip(x, y, strict=True))] == (county.raw + 1).tolist()
        assert abs(file.transform.b) > 0.1 * abs(file.transform.a)


def test_the_same_map_gives_the_same_bytes() -> None:
    one, other = (
        classes_as_geotiff(FRAME, LAYERS.county, LAYERS.county.raw, {"A": "#000000", "B": "#ffffff", "C": "#ff0000"}, "c", {})
        for _ in range(2)
    )
    assert one == other


def test_of_several_tiles_in_a_cell_the_first_counts(tmp_path: Path) -> None:
    places = places_at(np.array([0, 0, 0] + [1] * 400), np.array([0, 1, 0, *range(400)]))
    county = county_of(places, Predictions(places.names, ["A", "A", "B"] + ["A"] * 400, []))
    with rasterio.open(written(tmp_path, frame_of(county), county)) as file:
        assert file.read(1)[0, 0] == 1


def test_more_classes_than_a_colour_table_holds_are_refused() -> None:
    names = tuple(f"c{i}" for i in range(255))
    county = county_with(np.array([0, 0]), np.array([0, 1]), np.array([0, 1]), names)
    with pytest.raises(DataError, match="254 classes"):
        classes_as_geotiff(frame_of(county), county, county.raw, class_colours(names), "classes", {})
