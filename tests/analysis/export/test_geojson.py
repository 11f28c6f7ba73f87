import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from aerial_ops.analysis.county import county_of
from aerial_ops.analysis.export.frame import frame_of
from aerial_ops.analysis.export.geojson import areas_as_geojson, places_as_geojson, tiles_as_geojson
from aerial_ops.analysis.export.layers import MapLayers
from aerial_ops.analysis.neighbours import connected
from aerial_ops.analysis.tables import Predictions
from tests.analysis.counties import places_at
from tests.analysis.export.maps import layers_in

pyproj = pytest.importorskip("pyproj", reason="pyproj comes with the extra geo")
pytest.importorskip("rasterio", reason="rasterio comes with the extra geo")
GEOD = pyproj.Geod(ellps="WGS84")


def features(raw: bytes) -> list[dict[str, Any]]:
    """The features of a collection that keeps to RFC 7946."""
    collection = json.loads(raw)
    assert collection["type"] == "FeatureCollection" and "crs" not in collection
    for feature in collection["features"]:
        assert feature["type"] == "Feature" and isinstance(feature["properties"], dict)
        for polygon in polygons(feature):
            for i, ring in enumerate(polygon):
                assert len(ring) >= 4 and ring[0] == ring[-1]
                assert all(abs(x) <= 180 and abs(y) <= 90 for x, y in ring)
                assert np.ptp([x for x, _ in ring]) < 90
                assert (signed(ring) > 0) == (i == 0)
    return list(collection["features"])


def polygons(feature: dict[str, Any]) -> list[Any]:
    geometry = feature["geometry"]
    assert geometry["type"] in ("Polygon", "MultiPolygon")
    return [geometry["coordinates"]] if geometry["type"] == "Polygon" else list(geometry["coordinates"])


def signed(ring: list[list[float]]) -> float:
    x, y = np.array(ring).T - np.array(ring[0])[:, None]
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum())


def hectares(feature: dict[str, Any]) -> float:
    """The area on the ellipsoid; holes turn the other way and count against it."""
    rings = [ring for polygon in polygons(feature) for ring in polygon]
    return sum(float(GEOD.polygon_area_perimeter(*np.array(ring).T)[0]) for ring in rings) / 1e4


def test_tiles_lie_where_they_were_cut_to_a_centimetre() -> None:
    layers = layers_in()
    county = layers.county
    found = features(tiles_as_geojson(layers, frame_of(county)))
    assert [feature["properties"]["filename"] for feature in found] == county.places.names
    to_degrees = pyproj.Transformer.from_crs("EPSG:32619", "EPSG:4326", always_xy=True)
    for i in range(0, len(found), 50):
        (ring,) = polygons(found[i])[0]
        left, top = 300_000 + county.grid.cols[i] * 224.0, 4_720_000 - county.grid.rows[i] * 224.0
        x, y = np.array([left, left + 224, left + 224, left]), np.array([top - 224, top - 224, top, top])
        _, _, apart = GEOD.inv(*to_degrees.transform(x, y), *np.array(ring[:4]).T)
        assert max(apart) < 0.01
    assert found[5]["properties"]["confidence"] is None
    assert set(found[0]["properties"]) >= {
        "class",
        "group",
        "smoothed",
        "confidence",
        "older_label",
        "newly_developed",
        "hectares",
    }


def test_merged_areas_are_the_connected_ones_and_keep_the_land() -> None:
    layers = layers_in()
    county = layers.county
    found = features(areas_as_geojson(layers, frame_of(county)))
    sizes = []
    for label, name in enumerate(county.classes):
        own = county.raw == label
        piece = connected(county.grid.rows[own], county.grid.cols[own], corners=False)
        mine = [feature for feature in found if feature["properties"]["class"] == name]
        assert sorted(feature["properties"]["tiles"] for feature in mine) == sorted(np.bincount(piece).tolist())
        sizes += [feature["properties"]["hectares"] for feature in mine]
        assert sum(hectares(feature) for feature in mine) == pytest.approx(county.area[own].sum() / 1e4, rel=2e-3)
    given = [feature["properties"]["hectares"] for feature in found]
    assert given == sorted(given, reverse=True) and sorted(given) == sorted(sizes)
    for feature in found[:20]:
        assert feature["properties"]["hectares"] == pytest.approx(hectares(feature), rel=2e-3)
        assert 0.3 <= feature["properties"]["confidence"] <= 1


def test_smoothed_areas_are_those_of_the_smoothed_map() -> None:
    layers = layers_in()
    frame = frame_of(layers.county)
    swapped = replace(layers, county=replace(layers.county, raw=layers.county.smoothed))
    assert areas_as_geojson(layers, frame, smoothed=True) == areas_as_geojson(swapped, frame) != areas_as_geojson(layers, frame)


def test_places_have_their_rank_and_their_land() -> None:
    layers = layers_in()
    assert layers.development is not None
    found = features(places_as_geojson(layers, layers.development.clusters, frame_of(layers.county), "p"))
    apart = features(places_as_geojson(layers, layers.development.clusters, None, "p"))
    assert len(found) == len(apart) == len(layers.development.clusters) > 3
    for feature, other, place in zip(found, apart, layers.development.clusters, strict=True):
        assert feature["properties"] == other["properties"] and feature["properties"]["rank"] == place.rank
        assert hectares(feature) == pytest.approx(place.hectares, rel=2e-3)
        assert hectares(other) == pytest.approx(place.hectares, rel=0.02)
        assert len(polygons(other)) == len(place.tiles)


def test_no_place_is_an_empty_collection() -> None:
    layers = layers_in()
    for frame in (None, frame_of(layers.county)):
        assert features(places_as_geojson(layers, (), frame, "none")) == []


def test_across_the_date_line_everything_is_cut_there() -> None:
    layers = layers_in("EPSG:32701", 160_000.0, 8_100_000.0, 2_000.0)
    frame = frame_of(layers.county)
    total = layers.county.area.sum() / 1e4
    for raw in (tiles_as_geojson(layers, frame), areas_as_geojson(layers, frame)):
        found = features(raw)
        assert sum(hectares(feature) for feature in found) == pytest.approx(total, rel=2e-3)
        assert any(feature["geometry"]["type"] == "MultiPolygon" for feature in found)


def test_of_two_tiles_in_one_cell_both_are_drawn() -> None:
    places = places_at(np.array([0, 0, 0, 1] + [2] * 400), np.array([0, 1, 0, 0, *range(400)]))
    county = county_of(places, Predictions(places.names, ["A", "A", "B", "A"] + ["A"] * 400, []))
    assert county.grid.shared == 1
    layers = MapLayers("m", county, None, None, None, {})
    found = features(areas_as_geojson(layers, frame_of(county)))
    assert sorted((feature["properties"]["class"], feature["properties"]["tiles"]) for feature in found) == [("A", 403), ("B", 1)]
    assert found[0]["properties"]["confidence"] is None
