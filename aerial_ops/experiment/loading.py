"""Read an experiment file, and say of each mistake on which line it is and what was probably meant."""

import shlex
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from aerial_ops.errors import UsageError
from aerial_ops.experiment import toml_lines
from aerial_ops.experiment.plan import Experiment
from aerial_ops.experiment.trainings import MOST, UNKNOWN_PARAMETER

_WORDS = {
    "model_type": "a table is needed",
    "dict_type": "a table is needed",
    "list_type": "a list is needed",
    "string_type": "a text in quotes is needed",
    "int_type": "a whole number is needed",
    "int_from_float": "a whole number is needed",
    "float_type": "a number is needed",
    "bool_type": "true or false is needed",
}


def load_experiment(path: Path) -> Experiment:
    """Read and check `path`; its grids are expanded. Raises UsageError that names each line and the nearest valid key."""
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except FileNotFoundError:
        raise UsageError(f"There is no experiment file {path}.", suggestion=_write_one(path)) from None
    except OSError as error:
        raise UsageError(f"The experiment file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not a text in UTF-8, as TOML is: {error.reason} at byte {error.start}.") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}.") from error
    if not values:
        raise UsageError(f"{path}: the file is empty.", suggestion=_write_one(Path("my.toml")))
    file = _File(path, values, toml_lines.lines_of(text))
    try:
        plan = Experiment.model_validate(values)
    except ValidationError as error:
        raise UsageError("\n".join(file.explained(problem) for problem in error.errors())) from error
    file.refuse_doubles(plan)
    return plan.expanded()


def _write_one(path: Path) -> str:
    command = f"aerial-ops new {shlex.quote(str(path))}"
    return f"Write one, with every key explained: {command}\nExamples are in the folder experiments."


class _File:
    def __init__(self, path: Path, values: Mapping[str, Any], lines: dict[toml_lines.Path, int]) -> None:
        self._path, self._values, self._lines = path, values, lines

    def explained(self, problem: Mapping[str, Any]) -> str:
        """One of pydantic's errors as `FILE:LINE: what is wrong.`"""
        loc = self._written(problem["loc"])
        place, key = _table_name(loc[:-1]), str(loc[-1]) if loc else ""
        given, kind = problem["input"], problem["type"]
        if kind == "extra_forbidden":
            keys = sorted(_model_at(problem["loc"][:-1]).model_fields)
            return self.at(loc, f"there is no key {key!r} {_inside(place)}.{_meant(key, keys)}")
        if kind == "missing":
            return self.at(loc, f"{place or 'the file'} needs the key {key!r}.")
        words = _WORDS.get(kind, problem["msg"].removeprefix("Value error, "))
        advice = ""
        if kind == "literal_error":
            allowed = problem["ctx"]["expected"].replace(" or ", ", ")
            words = f"{given!r} is not one of {allowed}"
            advice = _meant(str(given), [one.strip("'") for one in allowed.split(", ")], listed=False)
        elif kind != "value_error" and not isinstance(given, (dict, list)):
            words = f"{words[0].lower()}{words[1:]}; it is {given!r}"
        if not loc or (kind in {"value_error", UNKNOWN_PARAMETER} and isinstance(given, dict)):
            exact = (*loc, "params", problem["ctx"]["name"]) if kind == UNKNOWN_PARAMETER else loc
            return self.at(exact, f"{_table_name(loc) or 'the file'}: {words}.{advice}")
        name = next(str(part) for part in reversed(loc) if isinstance(part, str))
        return self.at(loc, f"{name} {_inside(_table_name(_table_of(loc)))}: {words}.{advice}")

    def at(self, loc: toml_lines.Path, words: str) -> str:
        """`words` with the file and the line of `loc`."""
        line = toml_lines.line_of(loc, self._lines)
        return f"{self._path}:{line}: {words}" if line else f"{self._path}: {words}"

    def refuse_doubles(self, plan: Experiment) -> None:
        """Each training has a name of its own; there is one at least, and not too many."""
        where: dict[str, toml_lines.Path] = {}
        for loc, name in [
            *((("train", number, "name"), one.name) for number, one in enumerate(plan.train)),
            *((("grid", number), one.name) for number, grid in enumerate(plan.grid) for one in grid.trainings()),
        ]:
            if name in where:
                raise UsageError(
                    self.at(self._written(loc), f"two trainings are called {name}."),
                    suggestion='Give one another name; a grid\'s trainings begin with its own: name = "..."',
                )
            where[name] = loc
        if not where:
            raise UsageError(f"{self._path}: there is no training.", suggestion="Write a [[train]] or a [[grid]].")
        if len(where) > MOST:
            raise UsageError(f"{self._path}: {len(where):,} trainings, and {MOST} are allowed.", suggestion="Shorten the lists.")

    def _written(self, loc: toml_lines.Path) -> toml_lines.Path:
        """`loc` as the file has it: where one thing stands for a list of one, it has no number."""
        value: Any = self._values
        path: list[str | int] = []
        for part in loc:
            if isinstance(part, int) and not isinstance(value, list):
                continue
            path.append(part)
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                value = {}
        return tuple(path)


def _model_at(loc: toml_lines.Path) -> type[BaseModel]:
    """The table that is at `loc` of an experiment."""
    model: type[BaseModel] = Experiment
    for part in loc:
        if isinstance(part, str):
            model = _model_in(model.model_fields[part].annotation) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner))), None)


def _table_of(loc: toml_lines.Path) -> toml_lines.Path:
    """The table that holds the key at the end of `loc`, whose value may be a list."""
    last = max(place for place, part in enumerate(loc) if isinstance(part, str))
    return loc[:last]


def _table_name(loc: toml_lines.Path) -> str:
    """As a header has it: [source.sample], [[train]]; "" for the top."""
    name = ".".join(str(part) for part in loc if isinstance(part, str))
    return f"[[{name}]]" if loc and isinstance(loc[-1], int) else f"[{name}]" if name else ""


def _inside(table: str) -> str:
    return f"in {table}" if table else "at the top"


def _meant(word: str, choices: list[str], *, listed: bool = True) -> str:
    if near := get_close_matches(word, choices, n=1):
        return f" Did you mean {near[0]!r}?"
    return f" Its keys are {', '.join(choices)}." if listed else ""
