import base64
import io
import re
from pathlib import Path

import numpy as np
from PIL import Image

from aerial_ops.datasets.build import build_images
from aerial_ops.datasets.pictures import MAP_SIDE, map_picture, thumbnails
from aerial_ops.datasets.request import BuildRequest
from tests.datasets.test_build import Striped, request_of


def opened(uri: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))


def test_the_summary_tells_counts_reasons_and_shows_tiles(tmp_path: Path, striped: Striped) -> None:
    result = build_images(tmp_path / "out", request_of(striped, per_class=10, county=(striped[0][0],)))
    page = (tmp_path / "out/summary.html").read_text()
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "20 training tiles, 4 test tiles, 72 tiles of the county" in text
    assert f"more than the class needs {result.dropped['sets']['more than the class needs']}" in text
    assert "At most 10 training tiles of a class are used." in text and "held out in every year" in text
    assert "scene_20120701.tif 20120701 county 72" in text
    titles = re.findall(r'title="([^"]+)"', page)
    assert len(titles) == 3 * 12 and all((tmp_path / "out" / title).exists() for title in titles)
    assert [opened(uri).size for uri in re.findall(r'src="(data:image/jpeg[^"]+)"', page)] == [(16, 16)] * 36


def test_the_summary_loads_nothing(tmp_path: Path, striped: Striped) -> None:
    build_images(tmp_path / "out", request_of(striped))
    page = (tmp_path / "out/summary.html").read_text()
    assert not re.findall(r'(?:src|href)="(?!data:)', page) and "url(" not in page and "<script" not in page


def test_a_county_alone_has_a_summary(tmp_path: Path, striped: Striped) -> None:
    build_images(tmp_path / "out", BuildRequest(county=(striped[0][0],), tile_metres=80, tile_pixels=16))
    page = (tmp_path / "out/summary.html").read_text()
    assert (
        "Nothing: every tile of the scenes is in the set." in page and "Labelled tiles" not in page and page.count("<img") == 12
    )


def test_a_map_shows_each_place_in_its_colour() -> None:
    values = np.array([[1, 2, 0], [2, 1, 0]], np.int8)
    picture = opened(map_picture(values, {1: "#0072b2", 2: "#e69f00"})).convert("RGBA")
    assert picture.width == MAP_SIDE
    step = picture.width // 3
    colours = [picture.getpixel((x * step + step // 2, y * step + step // 2)) for y in range(2) for x in range(3)]
    clear = colours[2]
    assert colours[:2] == [(0, 114, 178, 255), (230, 159, 0, 255)] and colours[3:5] == colours[1::-1]
    assert isinstance(clear, tuple) and clear[3] == 0


def test_thumbnails_are_small(tmp_path: Path) -> None:
    Image.new("RGB", (224, 224), "red").save(tmp_path / "a.png")
    (picture,) = map(opened, thumbnails([tmp_path / "a.png"]))
    assert picture.size == (128, 128)
