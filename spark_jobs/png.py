"""Tiles that are plain PNG files of the right size, decoded by kornia_rs where it is installed: a quarter of Pillow's time.

Only 8-bit RGB without interlacing, transparency or animation, and only when every checksum is right and nothing comes after the
end. (kornia_rs does not look at zlib's checksum of the pixels; the chunks' cover the same bytes.) Everything else is Pillow's
business, and so are the reasons why an image cannot be used.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

try:
    from kornia_rs import io

    _decoder: Any = io.decode_image_png_u8
except ImportError:  # optional: without it Pillow decodes the same pixels
    _decoder = None

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COMMON = frozenset((b"IHDR", b"IDAT", b"IEND", b"pHYs", b"tEXt", b"gAMA", b"cHRM", b"sRGB", b"tIME"))


def decode_plain(data: bytes, side: int) -> NDArray[np.uint8] | None:
    """uint8 [side, side, 3] RGB, or None when this is a case for Pillow."""
    if _decoder is None or not _is_plain(data, side):
        return None
    try:
        pixels: NDArray[np.uint8] = _decoder(data, (side, side), "rgb")
    except Exception:  # It raises nothing more special.
        return None
    return pixels


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
