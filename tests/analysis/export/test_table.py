import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from aerial_ops.analysis.areas import estimate_areas
from aerial_ops.analysis.clusters import clusters_of
from aerial_ops.analysis.export.layers import land_columns, place_columns, tile_columns
from aerial_ops.analysis.export.table import as_csv
from aerial_ops.analysis.metrics import Metrics
from aerial_ops.analysis.shares import estimate_areas_by_class
from tests.analysis.counties import county_like
from tests.analysis.export.maps import CLASSES, layers_in

pytest.importorskip("pyproj", reason="pyproj comes with the extra geo")


def test_every_tile_is_a_line_with_all_that_is_known() -> None:
    layers = layers_in()
    county = layers.county
    rows = list(csv.DictReader(io.StringIO(as_csv(tile_columns(layers)).decode())))
    assert len(rows) == len(county)
    for i in (0, 5, 417, len(county) - 1):
        row = rows[i]
        assert row["filename"] == county.places.names[i]
        assert (row["class"], row["smoothed"]) == (county.classes[county.raw[i]], county.classes[county.smoothed[i]])
        assert row["group"] == ("Undeveloped" if row["class"] == "Forest" else row["class"])
        assert row["confidence"] == ("" if i == 5 else str(round(float(layers.certainty[i]), 4)))  # type: ignore[index]
        assert row["older_label"] == ("Forest" if i < len(county) // 2 else "")
        assert row["newly_developed"] == ("1" if row["class"] == "Developed" and i < len(county) // 2 else "0")
        assert float(row["hectares"]) == pytest.approx(5.0176, rel=2e-3)
        assert (int(row["row"]), int(row["column"])) == (county.grid.rows[i], county.grid.cols[i])
        latitude, longitude = county.places.centres
        assert float(row["latitude"]) == pytest.approx(latitude[i], abs=1e-7)
        assert float(row["longitude"]) == pytest.approx(longitude[i], abs=1e-7)


def test_what_is_not_known_at_all_has_no_column() -> None:
    columns = tile_columns(replace(layers_in(), certainty=None, older=None, development=None))
    assert list(columns) == ["filename", "class", "group", "smoothed", "hectares", "row", "column", "latitude", "longitude"]


def test_longitudes_stay_within_the_globe() -> None:
    longitudes = tile_columns(layers_in("EPSG:32701", 160_000.0, 8_100_000.0, 2_000.0))["longitude"]
    assert min(longitudes) < -179.5 and 179.5 < max(longitudes) < 180


def test_places_are_listed_by_rank() -> None:
    development = layers_in().development
    assert development is not None
    rows = list(csv.DictReader(io.StringIO(as_csv(place_columns(development.clusters)).decode())))
    assert [int(row["rank"]) for row in rows] == list(range(1, len(development.clusters) + 1)) and len(rows) > 3
    sure = [float(row["confidence"]) for row in rows]
    assert sure == sorted(sure, reverse=True)
    assert (rows[0]["before"], rows[0]["after"]) == ("Forest", "Developed") and rows[0]["map"].startswith(
        "https://www.openstreetmap.org/"
    )
    assert sum(float(row["hectares"]) for row in rows) == pytest.approx(development.hectares, abs=0.01)


def test_land_is_told_as_mapped_and_corrected_in_both_ways() -> None:
    metrics = Metrics.from_confusion(CLASSES, [[8, 1, 1], [1, 8, 1], [0, 1, 29]])
    layers = replace(layers_in(), metrics=metrics)
    county = layers.county
    rows = list(csv.DictReader(io.StringIO(as_csv(land_columns(layers)).decode())))
    land = county.square_metres(county.raw)
    by_map = estimate_areas(CLASSES, metrics.confusion, land).rows
    by_true = estimate_areas_by_class(CLASSES, metrics.confusion, land).rows
    for row, one, other in zip(rows, by_map, by_true, strict=True):
        assert row["class"] == one.name and float(row["mapped"]) == pytest.approx(land[one.name] / 1e4, abs=1e-4)
        assert float(row["smoothed"]) == pytest.approx(county.square_metres(county.smoothed)[one.name] / 1e4, abs=1e-4)
        assert [float(row[f"by_map_class{part}"]) for part in ("", "_low", "_high")] == pytest.approx(
            [one.estimate, one.low, one.high], abs=1e-4
        )
        assert float(row["by_true_class"]) == pytest.approx(other.estimate, abs=1e-4)
        assert float(row["users_accuracy"]) == pytest.approx(one.users.value, abs=1e-4)
    assert [row["test_tiles"] for row in rows] == ["10", "10", "30"]
    untested = land_columns(layers_in())
    assert list(untested) == ["class", "mapped", "smoothed"] and sum(untested["mapped"]) == pytest.approx(county.area.sum() / 1e4)


def test_names_with_commas_and_quotes_stay_whole() -> None:
    written = as_csv({"filename": ['a, "b".png', "ü.png"], "class": ["Forest", None]}).decode()
    assert list(csv.reader(io.StringIO(written))) == [["filename", "class"], ['a, "b".png', "Forest"], ["ü.png", ""]]


def test_a_place_of_several_classes_tells_how_many_tiles_each() -> None:
    county = county_like(["dd"], {"d": "Developed"})
    places = clusters_of(county, np.arange(2), ["Forest", "Shrub"], ["Developed"] * 2)
    columns = place_columns(places)
    assert columns["before"] == ["Forest 1; Shrub 1"] and columns["after"] == ["Developed"] and columns["confidence"] == [None]
