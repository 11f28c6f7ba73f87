"""The provider's checks of single arguments, in its own words."""

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

from aerial_ops.emulator.azurerm.resource import Check


def one_of(*values: str) -> Check:
    """A closed, case-sensitive list."""
    return lambda value: None if value in values else f"expected one of {list(values)}, got {value}"


def member(values: Collection[str]) -> Check:
    """A long closed list, not repeated in the message."""
    return lambda value: None if value in values else f"{value} is not in the list of values that the provider accepts"


def matching(pattern: str, words: str) -> Check:
    """The whole value matches `pattern`; `words` say what that means."""
    compiled = re.compile(pattern)
    return lambda value: None if compiled.fullmatch(str(value)) else f"{words}, got {value!r}"


def between(low: float, high: float) -> Check:
    """A whole number in a range."""

    def check(value: Any) -> str | None:
        number = float(value)  # Terraform sends as text what has no exact floating point
        if not number.is_integer():
            return f"expected a whole number, got {value}"
        return None if low <= number <= high else f"expected to be in the range ({low:g} - {high:g}), got {value}"

    return check


def script_address(value: Any) -> str | None:
    """Script actions are fetched over http(s)."""
    return (
        None
        if str(value).startswith(("http://", "https://"))
        else f'expected "uri" to have a url with schema of: "http,https", got {value}'
    )


def lower_case_keys(value: Any) -> str | None:
    """Automation folds the names of a link's parameters."""
    wrong = [key for key in value if key != key.lower()]
    return f"parameter keys must be lower case: {', '.join(wrong)}" if wrong else None


def moment(value: Any) -> str | None:
    """RFC 3339."""
    try:
        parsed = datetime.fromisoformat(str(value))
    except ValueError:
        return f"expected a valid RFC3339 date, got {value!r}"
    return None if parsed.tzinfo else f"expected a valid RFC3339 date with its zone, got {value!r}"


def first_of_month(value: Any) -> str | None:
    """Budgets begin with a month."""
    wrong = moment(value)
    return wrong or (
        None if datetime.fromisoformat(str(value)).day == 1 else f"start_date must be the first of the month, got {value}"
    )


def same_minute(one: Any, other: Any) -> bool:
    """Whether two moments fall into the same minute, in whatever zones."""
    try:
        first, second = datetime.fromisoformat(str(one)), datetime.fromisoformat(str(other))
        return int(first.timestamp()) // 60 == int(second.timestamp()) // 60
    except ValueError:
        return False


def same_text(one: Any, other: Any) -> bool:
    """Whether two texts differ in case only."""
    return str(one).lower() == str(other).lower()
