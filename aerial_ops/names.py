"""Names that users choose."""

import re

from aerial_ops.errors import UsageError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")


def checked_name(name: str, what: str = "model name") -> str:
    """`name` itself, if it is made of letters, digits, - and _ (63 at most, a letter or digit first); else UsageError."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is not a {what}.",
            suggestion="Use up to 63 letters, digits, - and _, starting with a letter or a digit.",
        )
    return name
