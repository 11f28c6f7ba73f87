"""Which names may become blobs."""

import mimetypes
import re
from functools import lru_cache

JUNK = frozenset({"Thumbs.db", "desktop.ini", "__MACOSX"})
LONGEST = 1024
DEEPEST = 254
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def is_hidden(part: str) -> bool:
    """Whether a file or folder of this name is an operating system's or an editor's, not an image."""
    return part.startswith(".") or part in JUNK


def problem_of(name: str) -> str:
    """Why `name` cannot be a blob's name, or "" when it can. Azure's rules, and those that HTTP clients impose."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    rules = (
        (len(name) > LONGEST, f"its name has more than {LONGEST} characters"),
        (name.count("/") >= DEEPEST, f"it lies more than {DEEPEST} folders deep"),
        ("\\" in name, "its name holds a backslash"),
        (_CONTROL.search(name) is not None, "its name holds a control character"),
        (name.endswith(".") or "./" in name, "its name, or a folder's, ends in a dot"),
    )
    return next((problem for broken, problem in rules if broken), "")


def printable(name: str) -> str:
    """`name` fit for a terminal, a log and JSON."""
    return name if name.isprintable() else name.encode("unicode_escape", "surrogatepass").decode()


@lru_cache(maxsize=256)
def _type_of(suffix: str) -> str:
    return mimetypes.guess_type(f"x{suffix}")[0] or "application/octet-stream"


def content_type_of(name: str) -> str:
    """The blob's Content-Type, by its suffix."""
    dot = name.rfind(".")
    return _type_of(name[dot:].lower() if dot > name.rfind("/") else "")
