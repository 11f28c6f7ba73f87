"""Lines of keys: of what people write, and of whatever TOML there can be."""

import json
import tomllib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from aerial_ops.experiment.toml_lines import Path, line_of, lines_of

TEXT = """\
# a comment with [brackets] and name = "x"
name = "a # b"   # not a comment inside

[cluster]
workers = 2
"max cost" = 3
'odd.key' = '''
workers = 9
'''

[source.sample]
seed = 7

[[train]]
name = "one"
params = { numTrees = 20, "maxDepth" = 5 }

[[train]]
name = "two"
list = [
    "a",   # first
    { deep = 1 },
    [1, 2],
]
params.numTrees = 30
[train.more]
x = 1979-05-27T07:32:00Z
[[train.sub]]
y = \"\"\"
[[train]]
\\"\"\"\"
[[train.sub]]
y = 2
"""


def test_each_key_has_its_own_line() -> None:
    lines = lines_of(TEXT)
    assert {
        path: lines[path]
        for path in (
            ("name",),
            ("cluster", "max cost"),
            ("cluster", "odd.key"),
            ("source", "sample", "seed"),
            ("train", 0, "name"),
            ("train", 0, "params", "maxDepth"),
            ("train", 1, "name"),
            ("train", 1, "list", 1, "deep"),
            ("train", 1, "list", 2),
            ("train", 1, "params", "numTrees"),
            ("train", 1, "more", "x"),
            ("train", 1, "sub", 0, "y"),
            ("train", 1, "sub", 1, "y"),
        )
    } == {
        ("name",): 2,
        ("cluster", "max cost"): 6,
        ("cluster", "odd.key"): 7,
        ("source", "sample", "seed"): 12,
        ("train", 0, "name"): 15,
        ("train", 0, "params", "maxDepth"): 16,
        ("train", 1, "name"): 19,
        ("train", 1, "list", 1, "deep"): 22,
        ("train", 1, "list", 2): 23,
        ("train", 1, "params", "numTrees"): 25,
        ("train", 1, "more", "x"): 27,
        ("train", 1, "sub", 0, "y"): 29,
        ("train", 1, "sub", 1, "y"): 33,
    }
    assert set(paths(tomllib.loads(TEXT))) == set(lines)


def test_a_key_that_is_missing_is_sought_in_its_table() -> None:
    lines = lines_of(TEXT)
    assert line_of(("train", 1, "backbone"), lines) == 18
    assert line_of(("train", 0, "params", "none", 3), lines) == 16
    assert line_of(("nothing",), lines) is None


def paths(value: Any, path: Path = ()) -> list[Path]:
    inner: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [found for key, one in inner for found in ((*path, key), *paths(one, (*path, key)))]


KEYS = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=6)
SCALARS = st.one_of(
    st.integers(-9, 9), st.booleans(), st.floats(allow_nan=False, allow_infinity=False), st.text("a#[]{}=\"'\\\n, ", max_size=8)
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6)


def written(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {written(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[ # [\n" + "".join(f" {written(one)},\n" for one in value) + "]"
    return json.dumps(value)


@settings(deadline=None)
@given(st.lists(st.dictionaries(KEYS, VALUES, max_size=4), min_size=1, max_size=4))
def test_in_any_file_every_path_is_found_and_every_key_of_a_table_is_on_its_line(tables: list[dict[str, Any]]) -> None:
    text, expected = "", {}
    for number, table in enumerate(tables):
        text += "\n# ]] =\n[[ 'a' . \"b\" ]] # x\n"
        for key, value in table.items():
            expected["a", "b", number, key] = text.count("\n") + 1
            text += f"{json.dumps(key)} = {written(value)}\n"
    lines = lines_of(text)
    assert set(lines) == set(paths(tomllib.loads(text)))
    assert {path: lines[path] for path in expected} == expected
