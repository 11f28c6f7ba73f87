"""Whatever is wrong with a file: it loads, or a sentence says where and what."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aerial_ops.errors import UsageError
from aerial_ops.experiment.loading import load_experiment
from aerial_ops.experiment.template import template
from tests.experiment.test_toml_lines import KEYS, VALUES, written


def places(value: Any) -> list[tuple[Any, Any]]:
    """Each container of a document, with each of its keys."""
    inner = list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    return [found for key, one in inner for found in ((value, key), *places(one))]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_slip_anywhere_is_told_with_its_line(tmp_path: Path, data: st.DataObject) -> None:
    document = tomllib.loads(template())
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(places(document)))
        slip = data.draw(st.sampled_from(["change", "remove", "add"]))
        if slip == "remove":
            del container[key]
        elif slip == "add" and isinstance(container, dict):
            container[data.draw(KEYS)] = data.draw(VALUES)
        else:
            container[key] = data.draw(VALUES)
        if not places(document):
            break
    path = tmp_path / "slip.toml"
    path.write_text("".join(f"{json.dumps(key)} = {written(value)}\n" for key, value in document.items()))
    try:
        plan = load_experiment(path)
    except UsageError as error:
        for line in re.split(rf"\n(?={re.escape(str(path))})", error.message):
            assert re.match(rf"{re.escape(str(path))}(:\d+)?: \S", line), line
    else:
        assert plan.train and not plan.grid


@pytest.mark.parametrize(
    ("raw", "words", "next_step"),
    [
        (None, "There is no experiment file", "aerial-ops new"),
        (b"", "is empty", "aerial-ops new my.toml"),
        (b"# nothing yet\n", "is empty", "aerial-ops new my.toml"),
        (b'name = "x\n', "is not valid TOML", ""),
        (b"\xff\xfe", "is not a text in UTF-8", ""),
    ],
)
def test_a_file_that_is_none_is_told_with_the_next_step(tmp_path: Path, raw: bytes | None, words: str, next_step: str) -> None:
    path = tmp_path / "my trial.toml"
    if raw is not None:
        path.write_bytes(raw)
    with pytest.raises(UsageError, match=words) as caught:
        load_experiment(path)
    assert str(path) in caught.value.message and next_step in caught.value.suggestion
    if raw is None:
        assert f"aerial-ops new '{path}'" in caught.value.suggestion


def test_a_folder_is_no_experiment_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        load_experiment(tmp_path)
