"""Names that users choose."""

import re

from aerial_ops.errors import UsageError

LONGEST = 63
_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_-]{{0,{LONGEST - 1}}}")


def checked_name(name: str, what: str = "model name") -> str:
    """`name` itself, if it is made of letters, digits, - and _ (63 at most, a letter or digit first); else UsageError."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is not a {what}.",
            suggestion=f"Use up to {LONGEST} letters, digits, - and _, starting with a letter or a digit.",
        )
    return name
