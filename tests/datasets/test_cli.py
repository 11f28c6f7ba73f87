import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from aerial_ops.cli import data
from aerial_ops.errors import DataError
from tests.datasets.test_build import Striped

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


def test_build_tells_what_was_made(tmp_path: Path, striped: Striped) -> None:
    scenes, labels = striped
    arguments = ["build", str(tmp_path / "out"), "--scene", str(scenes[0].parent), "--labels", str(labels)]
    arguments += ["--county", str(scenes[0]), "--tile-metres", "80", "--tile-pixels", "16"]
    told = run(*arguments).stdout
    assert told.startswith("Made ") and "middlesexma2016: 72 tiles (72 2012)" in told
    again = json.loads(run(*arguments, "--json").stdout)
    assert again["made"] == 0 and set(again["test"]) == {"Cultivated", "Herbaceous"} and again["buffer"] == 80


def test_build_of_unfit_scenes_is_an_error_of_the_kit(tmp_path: Path, striped: Striped) -> None:
    (tmp_path / "text.tif").write_text("hello")
    with pytest.raises(DataError, match="not a raster"):
        run("build", str(tmp_path / "out"), "--scene", str(tmp_path / "text.tif"), "--labels", str(striped[1]))


@pytest.mark.parametrize("command", ["sample", "build"])
def test_help(command: str) -> None:
    assert "Usage:" in run(command, "--help").stdout
