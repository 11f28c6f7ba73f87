from typing import Any

import pytest

from aerial_ops.emulator.arm.errors import ArmError
from aerial_ops.emulator.arm.odata import equals, parse_filter

ITEM = {"name": "O'Hara", "size": 12, "inner": {"Kind": "Big"}, "on": True}


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("name eq 'O''Hara'", True),
        ("name ne 'x' and size gt 3", True),
        ("size le 11.5", False),
        ("inner/kind eq 'Big'", True),
        ("inner/other eq null", True),
        ("on eq true", True),
        ("name eq 'x' or (size ge 12 and on ne false)", True),
        ("name eq 'x' or size ge 12 and on eq false", False),
        ("contains(name, 'Har') and startswith(name,'O')", True),
        ("substringof('ara', name)", True),
        ("endswith(name, 'x')", False),
        ("size gt 'text'", False),
        ("name eq 'o''hara'", False),
    ],
)
def test_what_fits(text: str, fits: bool) -> None:
    assert parse_filter(text)(ITEM) is fits


def test_case_may_be_ignored() -> None:
    assert parse_filter("name eq 'o''hara'", ignore_case=True)(ITEM)


@pytest.mark.parametrize(
    "text", ["", "name", "name is 'x'", "name eq", "(name eq 'x'", "name eq 'x' )", "name eq 'x' &", "contains(name)"]
)
def test_what_is_no_filter(text: Any) -> None:
    with pytest.raises(ArmError, match="InvalidFilterInQueryString"):
        parse_filter(text)


def test_the_equal_parts_of_a_filter() -> None:
    assert equals("tagName eq 'a' and tagValue eq 'it''s'") == {"tagname": "a", "tagvalue": "it's"}
