"""Numbers as people read them; the same in tables on the terminal and in the report."""

from collections.abc import Mapping, Sequence
from datetime import datetime

NOTHING = "–"


def percent(share: float | None, digits: int = 1) -> str:
    """A share between 0 and 1 such as 0.812 as "81.2 %"."""
    return NOTHING if share is None else f"{share * 100:.{digits}f} %"


def interval(bounds: Sequence[float] | None, digits: int = 1) -> str:
    """The bounds of an interval of shares, such as "79.9 to 82.4 %"."""
    if bounds is None:
        return NOTHING
    low, high = bounds
    return f"{low * 100:.{digits}f} to {high * 100:.{digits}f} %"


def decimal(value: float | None, digits: int = 3) -> str:
    """A plain number such as "0.774"."""
    return NOTHING if value is None else f"{value:.{digits}f}"


def count(value: int | None) -> str:
    """A whole number with thousands marked, such as "67,000"."""
    return NOTHING if value is None else f"{value:,}"


def counted(value: int, one: str, many: str = "") -> str:
    """A count with its noun: "1 tile", "2,000 tiles"."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def duration(seconds: float | None) -> str:
    """A time span such as "8.4 s", "3 min 05 s" or "1 h 20 min"."""
    if seconds is None:
        return NOTHING
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def money(usd: float | None) -> str:
    """A price such as "$3.20"; less than a cent is said so."""
    if usd is None:
        return NOTHING
    return "< $0.01" if 0 < usd < 0.005 else f"${usd:,.2f}"


def moment(when: datetime | None) -> str:
    """A UTC time such as "2026-11-24 05:30"."""
    return NOTHING if when is None else f"{when:%Y-%m-%d %H:%M}"


def peaks(memory: Mapping[str, int]) -> str:
    """A run's largest resident sizes in bytes, such as "237 MB in a worker process, 172 MB in the driver"."""
    places = {"worker_peak_bytes": "a worker process", "driver_peak_bytes": "the driver"}
    told = [f"{memory[key] / 1e6:,.0f} MB in {place}" for key, place in places.items() if memory.get(key)]
    return ", ".join(told) or NOTHING


def short(digest: str | None) -> str:
    """The first twelve characters of a hash."""
    return (digest or NOTHING)[:12]


def sentence_list(words: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
