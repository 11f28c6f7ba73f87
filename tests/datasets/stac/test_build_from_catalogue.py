from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aerial_ops.datasets.build import build_images
from aerial_ops.datasets.cutting import Cutter
from aerial_ops.datasets.request import BuildRequest, bounding_box
from aerial_ops.datasets.stac import signing
from aerial_ops.errors import DataError, UsageError
from tests.datasets.stac.conftest import StacServer
from tests.datasets.test_build import Striped, rows_of
from tests.datasets.test_sample import contents

Write = Callable[..., Path]
BBOX = (-99.4, 46.8, -99.2, 47.0)


def request_of(server: StacServer, **more: Any) -> BuildRequest:
    given = {"stac": server.api, "stac_tokens": server.token_service, "bbox": BBOX, "tile_metres": 80, "tile_pixels": 16}
    return BuildRequest(**{**given, **more})  # type: ignore[arg-type]


def test_sets_from_a_catalogue_are_those_of_the_files(tmp_path: Path, stac: StacServer, striped: Striped) -> None:
    scenes, labels = striped
    stac.files = scenes
    remote = request_of(stac, years=(2012, 2014), county_years=(2014,), labels=labels)
    local = BuildRequest(tuple(scenes), labels, (scenes[1],), bbox=BBOX, tile_metres=80, tile_pixels=16)
    assert build_images(tmp_path / "one", remote).data_sha256 == build_images(tmp_path / "other", local).data_sha256
    assert build_images(tmp_path / "one", remote).made == 0 and stac.tokens == 1


def test_the_box_chooses_the_tiles(tmp_path: Path, striped: Striped) -> None:
    everything = BuildRequest(county=(striped[0][0],), tile_metres=80, tile_pixels=16)
    assert build_images(tmp_path / "all", everything).county == {"2012": 72}
    rows = {row["filename"][-15:-4]: row for row in rows_of(tmp_path / "all/middlesexma2016/tile_summaries.csv")}
    upper, lower = rows["r0001_c0003"], rows["r0002_c0005"]
    box = tuple(float(corner) for corner in (upper["llcrnrlon"], lower["llcrnrlat"], lower["urcrnrlon"], upper["urcrnrlat"]))
    part = replace(everything, bbox=box)
    assert build_images(tmp_path / "part", part).county == {"2012": 6}
    kept, whole = contents(tmp_path / "part/middlesexma2016"), contents(tmp_path / "all/middlesexma2016")
    tiles = {name: digest for name, digest in kept.items() if name.endswith(".png")}
    assert tiles.items() <= whole.items() and {name[-15:-4] for name in tiles} >= {"r0001_c0003", "r0002_c0005"}


def test_a_token_that_expires_half_way_is_renewed(
    tmp_path: Path, stac: StacServer, striped: Striped, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aerial_ops.datasets.cutting.BLOCK_PIXELS", 32)
    stac.files, stac.uses = striped[0], 4
    result = build_images(tmp_path / "out", request_of(stac, county_years=(2012,)))
    local = BuildRequest(county=(striped[0][0],), tile_metres=80, tile_pixels=16)
    assert result.county == {"2012": 72} and stac.tokens >= 2
    assert contents(tmp_path / "out/middlesexma2016") == contents(build_images(tmp_path / "local", local).out / "middlesexma2016")


def test_a_refused_token_is_a_sentence_without_the_secret(tmp_path: Path, stac: StacServer, striped: Striped) -> None:
    stac.files, stac.refuse = striped[0], True
    with pytest.raises(DataError, match=r"scene_20120701\.tif does not accept the token \(403\)") as caught:
        build_images(tmp_path / "out", request_of(stac, county_years=(2012,)))
    assert "secret" not in str(caught.value.as_dict()) and not (tmp_path / "out").exists()
    with pytest.raises(DataError, match="wants a token"):
        build_images(tmp_path / "out", request_of(stac, county_years=(2012,), stac_tokens=None))


def test_a_network_that_goes_half_way_loses_nothing(
    tmp_path: Path, stac: StacServer, striped: Striped, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aerial_ops.datasets.cutting.BLOCK_PIXELS", 32)
    monkeypatch.setattr("aerial_ops.datasets.build.cores", lambda: 1)
    stac.files = striped[0]
    file = striped[0][0]
    content = file.read_bytes()
    cut = Cutter.cut
    calls = 0

    def breaking(cutter: Any, tiles: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 6:
            stac.files = []
            stac.protected = False
        return cut(cutter, tiles)

    monkeypatch.setattr(Cutter, "cut", breaking)
    monkeypatch.setattr(signing, "MARGIN", timedelta(days=1))  # each block under an address of its own, so that nothing is cached
    with pytest.raises(DataError, match="the server answers 404"):
        build_images(tmp_path / "out", request_of(stac, county_years=(2012,)))
    assert file.read_bytes() == content
    stac.files = striped[0]
    result = build_images(tmp_path / "out", request_of(stac, county_years=(2012,)))
    assert 0 < result.made < 72 and result.county == {"2012": 72}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"bbox": None, "county_years": (2012,)}, "by a bounding box"),
        ({"stac": None, "county_years": (2012,)}, "in a catalogue"),
        ({}, "asked by year"),
        ({"bbox": (1.0, 2.0, 0.0, 3.0), "county_years": (2012,)}, "encloses nothing"),
        ({"years": (2012,)}, "need labels"),
    ],
)
def test_requests_are_checked(stac: StacServer, wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        request_of(stac, **wrong)


@pytest.mark.parametrize("text", ["1,2,3", "a,b,c,d", "1 2 3 4", ""])
def test_a_box_that_is_none(text: str) -> None:
    with pytest.raises(UsageError, match="not a bounding box"):
        bounding_box(text.split(","))
    assert bounding_box(["-71.9", "42.1", "-71", "42.8"]) == bounding_box([-71.9, 42.1, -71, 42.8]) == (-71.9, 42.1, -71.0, 42.8)


def test_real_imagery_behind_a_catalogue_is_read_in_parts(tmp_path: Path, stac: StacServer, shared: Path) -> None:
    naip = shared / "naip"
    stac.files = sorted(naip.glob("m_*.tif"))
    bbox = (-99.17, 47.015, -99.155, 47.025)
    request = BuildRequest(stac=stac.api, stac_tokens=stac.token_service, bbox=bbox, county_years=(2009, 2018), tile_metres=240)
    result = build_images(tmp_path / "out", request)
    assert set(result.county) == {"2009", "2018"} and sum(result.county.values()) == 2 * result.county["2009"] > 10
    assert np.sum(stac.reads) < sum(file.stat().st_size for file in stac.files if file.stem[-8:-4] in ("2009", "2018"))
