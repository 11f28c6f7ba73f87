"""Writing image sets: whole files or none, and one sentence when the disk says no."""

import csv
import errno
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from aerial_ops.errors import DataError

PART = ".part"
"""Ending of a file that is being written; what an interrupted run left is removed by the next one."""
PNG_LEVEL = 2
SUMMARY_COLUMNS = ("filename", "llcrnrlat", "llcrnrlon", "urcrnrlat", "urcrnrlon")
TRUTH_COLUMNS = ("filename", "label", "older_label")


def write_whole(path: Path, content: bytes) -> None:
    """Write `content` under `path` so that the name never holds half of it."""
    part = path.with_name(f".{path.name}{PART}")
    part.write_bytes(content)
    part.replace(path)


def png(picture: npt.NDArray[np.uint8]) -> bytes:
    """`picture` [H, W, 3] as the bytes of a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", compress_level=PNG_LEVEL)
    return buffer.getvalue()


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file with a header."""
    buffer = io.StringIO(newline="")
    table = csv.writer(buffer, lineterminator="\n")
    table.writerow(columns)
    table.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, buffer.getvalue().encode())


def remove_parts(folder: Path) -> None:
    """Remove what an interrupted run left half-written."""
    for part in folder.rglob(f".*{PART}"):
        part.unlink()


@contextmanager
def disk_errors(out: Path) -> Iterator[None]:
    """Turn the disk's refusals into a DataError that says how to go on."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG):
            raise
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        reason = "the disk is full" if full else (error.strerror or str(error)).lower()
        mend = "Free some space" if full else "Mend that"
        raise DataError(
            f"Cannot write to {out}: {reason}.",
            left=f"What was finished is kept in {out}.",
            suggestion=f"{mend} and run the same command again: it goes on where it stopped.",
        ) from error
