"""Pictures of an image set for its summary: maps of where the tiles lie, and contact sheets."""

import base64
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageColor

MAP_SIDE = 880
"""Pixels of a map's longer side, about."""
THUMBNAIL = 128


def map_picture(values: npt.NDArray[np.int8], colours: Mapping[int, str]) -> str:
    """A map of [ROWS, COLUMNS] as a data URI: a place has the colour of its value, and is clear where there is none."""
    rows, columns = values.shape
    pixels = np.zeros((rows, columns, 4), np.uint8)
    for value, colour in colours.items():
        pixels[values == value] = (*ImageColor.getrgb(colour)[:3], 255)
    scale = MAP_SIDE / max(rows, columns)
    size = max(round(columns * scale), 1), max(round(rows * scale), 1)
    picture = Image.fromarray(pixels).resize(size, Image.Resampling.NEAREST)
    return _uri(picture.quantize(32, method=Image.Quantize.FASTOCTREE), "PNG", optimize=True)


def thumbnails(files: Sequence[Path]) -> list[str]:
    """Small pictures of tiles, as data URIs."""
    found = []
    for file in files:
        with Image.open(file) as tile:
            tile.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX)
            found.append(_uri(tile, "JPEG", quality=80))
    return found


def _uri(picture: Image.Image, kind: str, **how: object) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **how)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"
