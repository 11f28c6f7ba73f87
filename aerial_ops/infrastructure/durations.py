"""Lengths of time as people write them (90m, 4h, 1h30m, 2d), and moments as programs do."""

import re
from datetime import UTC, datetime, timedelta

from aerial_ops.errors import UsageError

_PARTS = re.compile(r"(?:(?P<days>\d+)d)?(?:(?P<hours>\d+)h)?(?:(?P<minutes>\d+)m)?")
LONGEST = timedelta(days=30)


def parse_duration(text: str) -> timedelta:
    """The length of time that `text` names. Raises UsageError."""
    found = _PARTS.fullmatch(text.strip().lower())
    length = timedelta(**{name: int(value) for name, value in found.groupdict().items() if value}) if found else timedelta()
    if not timedelta() < length <= LONGEST:
        raise UsageError(f"{text!r} is not a length of time.", suggestion="Write it as 90m, 4h, 1h30m or 2d; 30d at most.")
    return length


def iso(moment: datetime) -> str:
    """A moment in UTC, to the second, such as 2026-11-24T18:00:00Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rough_text(length: timedelta) -> str:
    """About how long that is, such as 8 seconds or 20 minutes."""
    seconds = max(1, round(length.total_seconds()))
    number, unit = (seconds, "second") if seconds < 100 else (round(seconds / 60), "minute")
    return f"{number} {unit}{'' if number == 1 else 's'}"


def duration_text(length: timedelta) -> str:
    """A length of time for people, such as 3 h 20 min."""
    minutes = round(length.total_seconds() / 60)
    days, minutes = divmod(minutes, 24 * 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{value} {unit}" for value, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if value]
    return " ".join(parts) or "less than a minute"
