"""Amounts, sizes and times, as people read them."""


def bytes_text(size: float) -> str:
    """A size for people, such as 1.4 MB (powers of 1000)."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def progress_text(done: int, total: int | None, unit: str) -> str:
    """How far work is, such as 312 of 600 tiles; `unit` is "bytes" or a plural."""
    of = f" of {_amount(total, unit)}" if total is not None else ""
    return f"{_amount(done, unit)}{of}{'' if unit == 'bytes' else f' {unit}'}".rstrip()


def clock_text(seconds: float) -> str:
    """A time for people who watch it pass, such as 4.2 s, 3:07 or 1:02:40."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}" if minutes >= 60 else f"{minutes}:{rest:02}"


def _amount(value: int, unit: str) -> str:
    return bytes_text(value) if unit == "bytes" else f"{value:,}"
