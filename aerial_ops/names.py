"""Names that users choose."""

import re

from aerial_ops.errors import UsageError

LONGEST = 63
_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9_-]{{0,{LONGEST - 1}}}")
_ENVIRONMENT = re.compile(r"[a-z][a-z0-9-]{0,18}[a-z0-9]")


def checked_name(name: str, what: str = "model name") -> str:
    """`name` itself, if it is made of letters, digits, - and _ (63 at most, a letter or digit first); else UsageError."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is not a {what}.",
            suggestion=f"Use up to {LONGEST} letters, digits, - and _, starting with a letter or a digit.",
        )
    return name


def checked_environment_name(name: str) -> str:
    """The name itself, if everything in Azure that is called after it can be; else UsageError."""
    if not _ENVIRONMENT.fullmatch(name):
        raise UsageError(
            f"{name!r} is not a name for an environment.",
            suggestion="Use 2 to 20 small letters, digits and hyphens; start with a letter, do not end with a hyphen.",
        )
    return name
