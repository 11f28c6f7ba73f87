"""Passwords as HDInsight takes them: 10 and more characters with a digit, upper and lower case and a symbol."""

import secrets
import string

LENGTH = 24
SYMBOLS = "!#-_=+@"  # none that a shell, a URL or HDInsight's checks take amiss
_KINDS = (string.ascii_lowercase, string.ascii_uppercase, string.digits, SYMBOLS)


def new_password() -> str:
    """A random password of LENGTH characters with every kind in it, a letter first."""
    while True:
        letters = secrets.choice(string.ascii_letters)
        rest = "".join(secrets.choice("".join(_KINDS)) for _ in range(LENGTH - 1))
        password = letters + rest
        if all(any(character in kind for character in password) for kind in _KINDS):
            return password
