import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from aerial_ops.cli import data
from aerial_ops.errors import DataError
from tests.datasets.test_tiles import Striped

SMALL = ["--train-per-class", "1", "--test-per-class", "1", "--county", "1x2"]


def run(*arguments: str) -> Any:
    application = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
    application.add_typer(data.app, name="data")
    result = CliRunner().invoke(application, ["data", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_sample_tells_what_it_made_and_then_that_there_is_nothing_to_do(tmp_path: Path) -> None:
    first = run("sample", str(tmp_path / "set"), *SMALL)
    assert first.exit_code == 0 and first.stdout.startswith(
        f"Made 14 tiles in {tmp_path / 'set'} (6 training, 6 test and 2 county"
    )
    again = run("sample", str(tmp_path / "set"), *SMALL)
    assert again.stdout.startswith("Nothing to do:")


def test_sample_as_json_is_the_only_thing_on_stdout(tmp_path: Path) -> None:
    result = run("sample", str(tmp_path / "set"), *SMALL, "--json")
    told = json.loads(result.stdout)
    assert told["made"] == 14 and told["county"] == 2 and len(told["data_sha256"]) == 64
    assert json.loads((tmp_path / "set/sample.json").read_text())["data_sha256"] == told["data_sha256"]


def test_tiles_tell_what_was_cut(tmp_path: Path, striped: Striped) -> None:
    scenes, labels = striped
    arguments = ["tiles", *(part for scene in scenes for part in ("--scene", str(scene))), "--labels", str(labels)]
    arguments += ["--out", str(tmp_path / "out"), "--county", str(scenes[0]), "--tile-pixels", "16"]
    assert "train: 32 Cultivated, 32 Herbaceous" in run(*arguments).stdout
    told = json.loads(run(*arguments, "--json").stdout)
    assert told["made"] == 0 and told["test"] == {"Cultivated": 8, "Herbaceous": 8}


def test_tiles_of_unfit_scenes_are_an_error_of_the_kit(tmp_path: Path, striped: Striped) -> None:
    (tmp_path / "text.tif").write_text("hello")
    with pytest.raises(DataError, match="not a raster"):
        run("tiles", "--scene", str(tmp_path / "text.tif"), "--labels", str(striped[1]), "--out", str(tmp_path / "out"))


@pytest.mark.parametrize("command", ["sample", "tiles"])
def test_help(command: str) -> None:
    assert "Usage:" in run(command, "--help").stdout
