"""The template and the documentation have every key of the schema."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from aerial_ops.errors import RefusedError, UsageError
from aerial_ops.experiment.loading import load_experiment
from aerial_ops.experiment.plan import Experiment
from aerial_ops.experiment.template import template, write_template

ROOT = Path(__file__).resolve().parents[2]
OPTIONAL = re.compile(r"^# (?=\[|[a-z_]+ = )", re.MULTILINE)


def everything() -> dict[str, Any]:
    """The template with what it has commented out; the table [score] instead of the switch, all ways to the images at once."""
    text = OPTIONAL.sub("", template()).replace("score = true\n", "")
    return tomllib.loads(text)


def test_as_it_is_it_loads(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    write_template(path)
    plan = load_experiment(path)
    names = ["random-forest", "logistic-regression-regParam0_01", "logistic-regression-regParam0_1"]
    assert [training.name for training in plan.train] == names
    assert plan.source.sample is not None


def test_every_key_is_in_it_with_a_value_that_is_valid() -> None:
    values = everything()
    written = set(keys_of(values))
    assert written == set(keys_in(Experiment))
    ways = values["source"]
    for way, value in ways.items():
        Experiment.model_validate({**values, "source": {way: value}})


def test_what_is_commented_out_is_the_default() -> None:
    shown = tomllib.loads(template())
    whole = everything()
    example = {"keep_on_failure", "source", "score"}  # ways that are not the default
    for key in set(whole) - set(shown) - example:
        assert whole[key] == Experiment.model_fields[key].default
    model = Experiment.model_validate({**whole, "source": {"sample": whole["source"]["sample"]}})
    as_shown = Experiment.model_validate(shown)
    assert model.source == as_shown.source
    assert (model.train, model.grid) == (as_shown.train, as_shown.grid)


def test_a_file_that_is_there_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text("mine")
    with pytest.raises(RefusedError):
        write_template(path)
    assert path.read_text() == "mine"


def test_the_documentation_is_current() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "experiment_docs.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def keys_of(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if isinstance(value, list):
        return [found for one in value for found in keys_of(one, path)]
    if not isinstance(value, dict) or path[-1:] == ("params",):
        return []
    return [found for key, one in value.items() for found in ((*path, key), *keys_of(one, (*path, key)))]


def keys_in(annotation: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return [found for inner in get_args(annotation) for found in keys_in(inner, path)]
    fields = annotation.model_fields.items()
    return [found for key, field in fields for found in ((*path, key), *keys_in(field.annotation, (*path, key)))]


def test_a_place_where_no_file_can_be_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such folder"):
        write_template(tmp_path / "none" / "my.toml")
