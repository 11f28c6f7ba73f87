"""Tiles that are plain PNG files of the right size, decoded by libspng where pyspng is installed: half of Pillow's time.

Only 8-bit RGB without interlacing, transparency or animation, and only when every checksum is right: libspng would take a
damaged image for a good one. Everything else is Pillow's business, and so are the reasons why an image cannot be used.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

try:
    import pyspng as _pyspng
except ImportError:  # optional: without it Pillow decodes the same pixels
    _pyspng = None

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COMMON = frozenset((b"IHDR", b"IDAT", b"IEND", b"pHYs", b"tEXt", b"gAMA", b"cHRM", b"sRGB", b"tIME"))


def decode_plain(data: bytes, side: int) -> NDArray[np.uint8] | None:
    """uint8 [side, side, 3] RGB, or None when this is a case for Pillow."""
    library: Any = _pyspng
    if library is None or not _is_plain(data, side):
        return None
    try:
        pixels: NDArray[np.uint8] = library.load(data)
    except RuntimeError:
        return None
    return pixels if pixels.shape == (side, side, 3) else None


def _is_plain(data: bytes, side: int) -> bool:
    # Width, height, 8 bits, colour type 2 (RGB), the only compression and filter methods, no interlacing.
    if data[:8] != SIGNATURE or data[16:29] != struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0):
        return False
    view = memoryview(data)
    at, kind = 8, b""
    while kind != b"IEND":
        length, kind = int.from_bytes(view[at : at + 4], "big"), bytes(view[at + 4 : at + 8])
        end = at + 8 + length
        if kind not in COMMON or zlib.crc32(view[at + 4 : end]) != int.from_bytes(view[end : end + 4], "big"):
            return False
        at = end + 4
    return at == len(data)
