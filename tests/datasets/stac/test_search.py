from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from aerial_ops.datasets.stac.search import PLANETARY_API, PLANETARY_TOKENS, Catalogue, catalogue_of, find_scenes
from aerial_ops.errors import DataError, UsageError
from tests.datasets.conftest import LEFT, PIXEL
from tests.datasets.stac.conftest import StacServer

Write = Callable[..., Path]
BBOX = (-99.4, 46.8, -99.2, 47.0)


@pytest.fixture
def five(stac: StacServer, write_raster: Write) -> StacServer:
    """Four scenes of 2012, one of which lies elsewhere, and one of 2014."""
    blank = np.ones((3, 16, 16), np.uint8)
    stac.files = [write_raster(f"m_{k}_20120{k + 5}01.tif", blank, left=LEFT + k * 16 * PIXEL) for k in range(3)]
    stac.files.append(write_raster("m_3_20120901.tif", blank, left=LEFT + 1e5))
    stac.files.append(write_raster("m_4_20141231.tif", blank))
    return stac


def names(stac: StacServer, *years: int) -> list[str]:
    return [scene.file.name for scene in find_scenes(Catalogue(stac.api, "naip"), BBOX, years)]


def test_scenes_of_a_year_in_the_box(five: StacServer) -> None:
    assert names(five, 2012) == ["m_0_20120501.tif", "m_1_20120601.tif", "m_2_20120701.tif"]
    assert names(five, 2014, 2012) == [*names(five, 2012), "m_4_20141231.tif"]
    assert five.searches[0]["collections"] == ["naip"] and five.searches[0]["bbox"] == list(BBOX)
    assert {scene.date for scene in find_scenes(Catalogue(five.api, "naip"), BBOX, [2014])} == {"20141231"}


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_all_pages_are_read(five: StacServer, method: str) -> None:
    whole = names(five, 2012)
    five.page_size, five.link_method = 1, method
    assert names(five, 2012) == whole and [query.get("token", 0) for query in five.searches] == [0, 0, 1, 2]


def test_too_many_scenes(five: StacServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aerial_ops.datasets.stac.search.MOST_SCENES", 2)
    with pytest.raises(DataError, match="More than 2 scenes of 2012"):
        names(five, 2012)


def test_nothing_found(five: StacServer) -> None:
    with pytest.raises(DataError, match=r"has no scene of naip of 2013 in -99.4,46.8,-99.2,47") as caught:
        names(five, 2012, 2013)
    assert "every two or three" in caught.value.suggestion


def test_no_network() -> None:
    with pytest.raises(DataError, match=r"catalogue at http://127\.0\.0\.1:9/search cannot be reached"):
        find_scenes(Catalogue("http://127.0.0.1:9", "naip"), BBOX, [2012])


def test_an_address_that_is_no_catalogue(stac: StacServer) -> None:
    with pytest.raises(DataError, match="refused the request: 404 no such path"):
        find_scenes(Catalogue(f"{stac.url}/wrong", "naip"), BBOX, [2012])


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"id": "x", "properties": {"datetime": "2012-07-01T00:00:00Z"}, "assets": {}},
        {"id": "x", "properties": {"datetime": None}, "assets": {"image": {"href": "http://a/b.tif"}}},
        {"id": "x", "properties": {"datetime": "2012-07-01T00:00:00Z"}, "assets": {"note": {"href": "a", "type": "text/plain"}}},
        "text",
    ],
)
def test_an_item_that_is_no_image(stac: StacServer, monkeypatch: pytest.MonkeyPatch, item: object) -> None:
    monkeypatch.setattr(stac, "search", lambda query: {"features": [item]})
    with pytest.raises(DataError, match="has no image or no date"):
        find_scenes(Catalogue(stac.api, "naip"), BBOX, [2012])


def test_the_planetary_computer_is_known_by_name() -> None:
    assert catalogue_of("planetary-computer", "naip") == Catalogue(PLANETARY_API, "naip", PLANETARY_TOKENS)
    assert catalogue_of("https://a/stac", "c", "https://b") == Catalogue("https://a/stac", "c", "https://b")
    for api, tokens in (("elsewhere", None), ("https://a/stac", "file:///x")):
        with pytest.raises(UsageError, match="not the address"):
            catalogue_of(api, "naip", tokens)
