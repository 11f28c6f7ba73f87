"""kornia_rs and Pillow must agree on every byte, and on what is no image."""

import io
import random
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from spark_jobs import png as module
from spark_jobs.decode import UnreadableError, decode
from spark_jobs.png import decode_plain
from tests.spark_jobs.conftest import COLOURS, png

SIDE = 48
TILE = png(COLOURS["Forest"], 1, SIDE)


def outcome(data: bytes) -> bytes | str:
    try:
        return decode(data, SIDE).tobytes()
    except UnreadableError as error:
        return str(error)


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], tuple[Any, Any]]:
    """What becomes of some bytes with and without kornia_rs."""

    def run(data: bytes) -> tuple[Any, Any]:
        with_it = outcome(data)
        with monkeypatch.context() as patch:
            patch.setattr(module, "_decoder", None)
            assert decode_plain(data, SIDE) is None
            return with_it, outcome(data)

    return run


def saved(image: Image.Image, **options: Any) -> bytes:
    sink = io.BytesIO()
    image.save(sink, "PNG", **options)
    return sink.getvalue()


def image(mode: str = "RGB", side: int = SIDE) -> Image.Image:
    return Image.open(io.BytesIO(png(COLOURS["Shrub"], 3, side))).convert(mode)


def test_a_plain_tile_is_taken(both: Callable[[bytes], tuple[Any, Any]]) -> None:
    tile = decode_plain(TILE, SIDE)
    assert tile is not None and (tile.dtype, tile.shape) == (np.uint8, (SIDE, SIDE, 3))
    one, other = both(TILE)
    assert one == other == tile.tobytes()


def notes() -> PngImagePlugin.PngInfo:
    made = PngImagePlugin.PngInfo()
    made.add_text("place", "Middlesex")
    return made


@pytest.mark.parametrize(
    ("data", "taken"),
    [
        (saved(image(), pnginfo=notes(), dpi=(72, 72)), True),
        (saved(image(), compress_level=0), True),
        (saved(image("L")), False),
        (saved(image("RGBA")), False),
        (saved(image("P")), False),
        (saved(image(side=50)), False),
        (saved(image(), transparency=(1, 2, 3)), False),
        (saved(image(), icc_profile=b"x" * 200), False),
        (TILE + b"more", False),
        (b"", False),
        (TILE[:8], False),
    ],
)
def test_only_plain_tiles_are_taken_and_all_come_out_the_same(
    data: bytes, taken: bool, both: Callable[[bytes], tuple[Any, Any]]
) -> None:
    assert (decode_plain(data, SIDE) is not None) == taken
    one, other = both(data)
    assert one == other


def test_damaged_tiles_are_refused_alike(both: Callable[[bytes], tuple[Any, Any]]) -> None:
    chance = random.Random(5)
    taken = 0
    for _ in range(300):
        data = bytearray(TILE)
        if chance.random() < 0.3:
            del data[chance.randrange(len(data)) :]
        else:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        taken += decode_plain(bytes(data), SIDE) is not None
        one, other = both(bytes(data))
        assert one == other
    assert taken == 0


def test_damage_with_right_checksums_falls_to_pillow(both: Callable[[bytes], tuple[Any, Any]]) -> None:
    """A scan line's filter that does not exist, in a file whose checksums are right."""
    at = TILE.index(b"IDAT")
    length = int.from_bytes(TILE[at - 4 : at], "big")
    lines = bytearray(zlib.decompress(TILE[at + 4 : at + 4 + length]))
    lines[5 * (3 * SIDE + 1)] = 9
    packed = b"IDAT" + zlib.compress(bytes(lines))
    chunk = (len(packed) - 4).to_bytes(4, "big") + packed + zlib.crc32(packed).to_bytes(4, "big")
    data = TILE[: at - 4] + chunk + TILE[at + 8 + length :]
    assert decode_plain(data, SIDE) is None
    one, other = both(data)
    assert one == other
