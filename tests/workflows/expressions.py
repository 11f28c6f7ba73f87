"""Expressions of GitHub Actions, as far as this project's workflows use them; anything else is refused."""

import re
from collections.abc import Callable, Mapping
from typing import Any

_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<sign>\|\||&&|==|!=|!|\(|\))|(?P<name>[A-Za-z_][\w.-]*(?:\(\))?))")
_INSERT = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
STATUS = ("always()", "success()", "failure()", "cancelled()")


class UnknownExpressionError(Exception):
    """Something this reader does not know."""


def evaluate(expression: str, context: Mapping[str, Any], status: Callable[[str], bool] | None = None) -> Any:
    """The value of an expression without its braces. `status` answers always(), success(), failure() and cancelled()."""
    reader = _Reader(_tokens(expression), context, status)
    value = reader.either()
    if reader.rest:
        raise UnknownExpressionError(f"{expression!r}: what is {reader.rest[0]!r}?")
    return value


def filled(text: Any, context: Mapping[str, Any]) -> str:
    """`text` with the values of the expressions in it."""
    return _INSERT.sub(lambda found: as_text(evaluate(found[1], context)), as_text(text))


def as_text(value: Any) -> str:
    """A value as GitHub writes it into a variable."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _tokens(expression: str) -> list[str]:
    tokens, at, text = [], 0, expression.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise UnknownExpressionError(f"{expression!r}: what is {text[at:]!r}?")
        tokens.append(found[0].strip())
        at = found.end()
    return tokens


class _Reader:
    def __init__(self, tokens: list[str], context: Mapping[str, Any], status: Callable[[str], bool] | None) -> None:
        self.rest, self._context, self._status = tokens, context, status

    def either(self) -> Any:
        value = self._both()
        while self._next("||"):
            other = self._both()
            value = value or other
        return value

    def _both(self) -> Any:
        value = self._equal()
        while self._next("&&"):
            other = self._equal()
            value = value and other
        return value

    def _equal(self) -> Any:
        value = self._single()
        if self._next("=="):
            return as_text(value) == as_text(self._single())
        if self._next("!="):
            return as_text(value) != as_text(self._single())
        return value

    def _single(self) -> Any:
        if not self.rest:
            raise UnknownExpressionError("An expression ends too early.")
        token = self.rest.pop(0)
        if token == "!":
            return not self._single()
        if token == "(":
            value = self.either()
            if not self._next(")"):
                raise UnknownExpressionError("A parenthesis is not closed.")
            return value
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if token in ("true", "false"):
            return token == "true"
        if token in STATUS and self._status:
            return self._status(token)
        return self._looked_up(token)

    def _looked_up(self, name: str) -> Any:
        """A value of a context. A missing input, variable or output is empty, as on GitHub; a missing context is refused."""
        root, *path = name.split(".")
        if root not in self._context or not path:
            raise UnknownExpressionError(f"what is {name!r}?")
        value = self._context[root]
        for part in path:
            value = value.get(part) if isinstance(value, Mapping) else None
        return value

    def _next(self, token: str) -> bool:
        if self.rest and self.rest[0] == token:
            self.rest.pop(0)
            return True
        return False
