from pathlib import Path
from typing import Any

import pytest

from aerial_ops.datasets.request import BuildRequest
from aerial_ops.errors import UsageError
from aerial_ops.experiment import images
from aerial_ops.experiment.images import prepare_images, refuse_missing
from aerial_ops.experiment.plan import SceneTiles, Source
from aerial_ops.reporting import SILENT


def request_of(monkeypatch: pytest.MonkeyPatch, **scenes: Any) -> BuildRequest:
    """What is built for a table [source.scenes], of a file in /base."""
    asked: list[BuildRequest] = []
    monkeypatch.setattr(images, "build_images", lambda out, request, reporter: asked.append(request))
    assert prepare_images(Source(scenes=SceneTiles(**scenes)), Path("/out"), Path("/base"), SILENT) == "/out"
    return asked[0]


def test_scenes_of_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"train": ["naip", "/other/b.tif"], "county": ["c.tif"], "labels": "nlcd.tif", "classes": "classes.toml"}
    request = request_of(monkeypatch, **given, tile_metres=240, label_rule="majority", per_class=9, buffer_metres=0)
    assert request == BuildRequest(
        scenes=(Path("/base/naip"), Path("/other/b.tif")),
        labels=Path("/base/nlcd.tif"),
        county=(Path("/base/c.tif"),),
        classes=Path("/base/classes.toml"),
        tile_metres=240,
        label_rule="majority",
        per_class=9,
        buffer_metres=0,
    )


def test_scenes_of_a_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"stac": "planetary-computer", "bbox": [-71.9, 42.1, -71.0, 42.8], "years": [2012, 2014], "county_years": [2018]}
    request = request_of(monkeypatch, labels="nlcd.tif", **given)
    assert request == BuildRequest(
        labels=Path("/base/nlcd.tif"),
        stac="planetary-computer",
        bbox=(-71.9, 42.1, -71.0, 42.8),
        years=(2012, 2014),
        county_years=(2018,),
    )


def test_the_defaults_are_those_of_the_command() -> None:
    table = SceneTiles(labels="nlcd.tif").model_dump()
    ours = BuildRequest(scenes=(Path("a"),), labels=Path("b"))
    assert all(
        table[name] == getattr(ours, name) for name in table if name not in ("train", "labels", "county", "years", "county_years")
    )


def test_a_folder_without_images_is_told_before_anything_is_made(tmp_path: Path) -> None:
    file = tmp_path / "my trial.toml"
    refuse_missing(Source(url="https://account.blob.core.windows.net/?sig=x"), file)
    with pytest.raises(UsageError, match="does not exist") as caught:
        refuse_missing(Source(folder="pictures"), file)
    assert f"aerial-ops data sample {tmp_path}/pictures" in caught.value.suggestion
    (tmp_path / "pictures").touch()
    with pytest.raises(UsageError, match="is no folder"):
        refuse_missing(Source(folder="pictures"), file)
    (tmp_path / "pictures").unlink()
    (tmp_path / "pictures").mkdir()
    refuse_missing(Source(folder="pictures"), file)
