"""The part of OData's $filter that Azure's lists understand: eq, ne, comparisons, contains, startswith, and, or, brackets."""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from aerial_ops.emulator.arm.errors import ArmError, bad_request

Test = Callable[[Mapping[str, Any]], bool]
_TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|(-?\d+(?:\.\d+)?)(?![\w])|([A-Za-z_][\w/.\-]*)|([(),]))")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    **{"eq": operator.eq, "ne": operator.ne},
    **{"gt": operator.gt, "ge": operator.ge, "lt": operator.lt, "le": operator.le},
}
_FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda value, part: part in value,
    "startswith": lambda value, part: value.startswith(part),
    "endswith": lambda value, part: value.endswith(part),
    "substringof": lambda part, value: part in value,
}
_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None}


def parse_filter(text: str, *, ignore_case: bool = False) -> Test:
    """A test on one item of a list. Values are compared exactly unless `ignore_case`. Raises ArmError 400."""
    return _Parser(text, ignore_case).parse()


def equals(text: str) -> dict[str, str]:
    """The `name eq 'value'` parts of a filter, names in lower case."""
    return {name.lower(): value.replace("''", "'") for name, value in re.findall(r"([\w/]+)\s+eq\s+'((?:[^']|'')*)'", text)}


class _Parser:
    """Recursive descent: or < and < comparison."""

    def __init__(self, text: str, ignore_case: bool) -> None:
        self._text = text
        self._fold = ignore_case
        self._tokens: list[str] = []
        at = 0
        while at < len(text.rstrip()):
            hit = _TOKEN.match(text, at)
            if not hit:
                raise self._wrong()
            self._tokens.append(hit.group().strip())
            at = hit.end()

    def parse(self) -> Test:
        test = self._or()
        if self._tokens:
            raise self._wrong()
        return test

    def _wrong(self) -> ArmError:
        return bad_request(f"Invalid filter: '{self._text}'.", "InvalidFilterInQueryString")

    def _next(self, *expected: str) -> str:
        if not self._tokens or (expected and self._tokens[0].lower() not in expected):
            raise self._wrong()
        return self._tokens.pop(0)

    def _peek(self) -> str:
        return self._tokens[0].lower() if self._tokens else ""

    def _or(self) -> Test:
        parts = [self._and()]
        while self._peek() == "or":
            self._next()
            parts.append(self._and())
        return lambda item: any(part(item) for part in parts)

    def _and(self) -> Test:
        parts = [self._one()]
        while self._peek() == "and":
            self._next()
            parts.append(self._one())
        return lambda item: all(part(item) for part in parts)

    def _one(self) -> Test:
        if self._peek() == "(":
            self._next()
            inner = self._or()
            self._next(")")
            return inner
        if self._peek() in _FUNCTIONS:
            function = _FUNCTIONS[self._next().lower()]
            self._next("(")
            first = self._value()
            self._next(",")
            second = self._value()
            self._next(")")
            return lambda item: function(str(first(item) or ""), str(second(item) or ""))
        left, compare, right = self._value(), _COMPARE[self._next(*_COMPARE).lower()], self._value()

        def test(item: Mapping[str, Any]) -> bool:
            try:
                return compare(left(item), right(item))
            except TypeError:  # an order between a text and a number, or with nothing: no item has it
                return False

        return test

    def _value(self) -> Callable[[Mapping[str, Any]], Any]:
        token = self._next()
        if token.startswith("'"):
            text = self._folded(token[1:-1].replace("''", "'"))
            return lambda item: text
        if token in ("(", ")", ","):
            raise self._wrong()
        if token.lower() in _CONSTANTS:
            constant = _CONSTANTS[token.lower()]
            return lambda item: constant
        if token[0].isdigit() or token[0] == "-":
            number = float(token)
            return lambda item: number
        return lambda item: self._folded(_property(item, token))

    def _folded(self, value: Any) -> Any:
        return value.lower() if self._fold and isinstance(value, str) else value


def _property(item: Mapping[str, Any], path: str) -> Any:
    """`properties/runbook/name` out of nested objects, names compared without regard to case; None when it is not there."""
    value: Any = item
    for name in path.split("/"):
        if not isinstance(value, Mapping):
            return None
        value = next((inner for key, inner in value.items() if key.lower() == name.lower()), None)
    return value
