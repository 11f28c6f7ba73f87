"""Image bytes -> an RGB tile, or a short reason why not."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spark_jobs.budget import Budget
from spark_jobs.png import decode_plain

if TYPE_CHECKING:
    from PIL import Image  # imported where it is used: the engine synapseml does without it

VERSION = 1  # to be raised when the same bytes become another tile: features in the cache follow from it
FORMATS = ("PNG", "JPEG", "TIFF")
MAX_PIXELS = 64_000_000
PIXELS_AT_A_TIME = 20_000_000  # of the images that a process's threads decode: one of 4096 x 4096
MIN_SIDE = 16
MAX_ELONGATION = 2.0
SIXTEEN_BIT = ("I", "I;16", "I;16B", "I;16L", "I;16N")

_pixels = Budget(PIXELS_AT_A_TIME)


class UnreadableError(Exception):
    """An image that cannot become a tile; the message is the reason, the same for the same bytes."""


def decode(data: bytes, side: int) -> NDArray[np.uint8]:
    """Decode an image to uint8 [side, side, 3] RGB. Raises UnreadableError.

    Grey, palette, CMYK and 1-bit images are converted, an alpha channel is dropped, 16-bit grey is scaled from its full range.
    Another size is resampled (bicubic, averaging when it shrinks); sides under 16 pixels, sides longer than twice the other and
    images over 64 million pixels are refused, the last before anything is decompressed.
    """
    if not data:
        raise UnreadableError("empty file")
    plain = decode_plain(data, side)
    if plain is not None:
        return plain
    from PIL import Image, UnidentifiedImageError

    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise UnreadableError("not an image") from None
    except Image.DecompressionBombError:
        raise UnreadableError(f"over {MAX_PIXELS} pixels") from None
    except Exception as error:
        raise UnreadableError(f"damaged image: {_brief(error)}") from None
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise UnreadableError(f"over {MAX_PIXELS} pixels")
    if min(width, height) < MIN_SIDE:
        raise UnreadableError(f"too small: {width} x {height} pixels")
    if max(width, height) > MAX_ELONGATION * min(width, height):
        raise UnreadableError(f"too elongated: {width} x {height} pixels")
    try:
        with _pixels.taken(width * height):
            image.load()
            colour = _to_rgb(image)
            if colour.size != (side, side):
                colour = colour.resize((side, side), Image.BICUBIC, reducing_gap=3.0)  # type: ignore[attr-defined]
            tile: NDArray[np.uint8] = np.asarray(colour)
            image.close()  # the pixels too, before another thread begins with its image
            return tile
    except (UnreadableError, MemoryError):
        raise
    except Exception as error:  # A decoder that is fed arbitrary bytes raises nearly anything.
        raise UnreadableError(f"damaged image: {_brief(error)}") from None


def _to_rgb(image: Image.Image) -> Image.Image:
    from PIL import Image

    if image.mode == "RGB":
        return image
    if image.mode in SIXTEEN_BIT:
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 65535:
            raise UnreadableError("32-bit grey values")
        return Image.fromarray((values // 257).astype(np.uint8)).convert("RGB")
    if image.mode == "F":
        raise UnreadableError("floating-point values")
    return image.convert("RGB")


def _brief(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:120] or type(error).__name__
