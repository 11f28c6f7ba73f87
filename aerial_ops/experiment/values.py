"""Kinds of values that an experiment file has beyond TOML's own."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, PlainValidator

from aerial_ops.errors import UsageError
from aerial_ops.infrastructure.description import SHORTEST
from aerial_ops.infrastructure.durations import duration_text, parse_duration
from aerial_ops.names import checked_environment_name, checked_name


def _checked(check: Callable[[str], Any]) -> AfterValidator:
    """A text that `check` accepts; what its UsageError says and suggests is what the file's reader is told."""

    def validate(value: str) -> str:
        try:
            check(value)
        except UsageError as error:
            raise ValueError(f"{error.message} {error.suggestion}".rstrip().removesuffix(".")) from None
        return value

    return AfterValidator(validate)


def checked_life(text: str) -> str:
    """The same text. Raises UsageError when it is no length of time, or too short a one for the dead man's switch."""
    if parse_duration(text) < SHORTEST:
        raise UsageError(f"{text!r} is too short: the dead man's switch needs {duration_text(SHORTEST)} at least.")
    return text


def _count(value: Any) -> int | str:
    if value == "auto" or (type(value) is int and value >= 1):
        return value  # type: ignore[no-any-return]
    raise ValueError(f'{value!r} is neither a number from 1 on nor "auto"')


EnvironmentName = Annotated[str, _checked(checked_environment_name)]
ModelName = Annotated[str, _checked(checked_name)]
Life = Annotated[str, _checked(checked_life)]
"""A length of time such as 90m or 4h, long enough for the dead man's switch."""
Count = Annotated[int | Literal["auto"], PlainValidator(_count)]
"""How many; or "auto", as many as fit."""
