import hashlib
import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from spark_jobs.decode import VERSION, UnreadableError, decode

RAMP = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) * 16


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    sink = io.BytesIO()
    image.save(sink, kind, **options)
    return sink.getvalue()


def grey(values: np.ndarray) -> Image.Image:
    return Image.fromarray(values.astype(np.uint8))


COLOUR = Image.merge("RGB", [grey(RAMP // 256), grey(255 - RAMP // 256), grey(RAMP % 256)])
NOISE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))


def test_a_tile_of_the_right_size_comes_through_unchanged() -> None:
    tile = decode(encoded(COLOUR), 64)
    assert (tile.dtype, tile.shape) == (np.uint8, (64, 64, 3))
    assert (tile == np.asarray(COLOUR)).all()


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "RGBA"])
def test_modes_are_converted(mode: str) -> None:
    image = COLOUR.convert(mode)
    assert (decode(encoded(image), 64) == np.asarray(image.convert("RGB"))).all()


def test_jpeg_in_cmyk_and_tiff_are_read() -> None:
    assert decode(encoded(COLOUR.convert("CMYK"), "JPEG"), 64).shape == (64, 64, 3)
    assert (decode(encoded(COLOUR, "TIFF"), 64) == np.asarray(COLOUR)).all()


def test_16_bit_grey_is_scaled_from_its_full_range() -> None:
    tile = decode(encoded(Image.fromarray(RAMP)), 64)
    assert (tile[..., 0] == RAMP // 257).all()
    assert (tile[..., 0] == tile[..., 2]).all()


def test_32_bit_and_floating_point_are_refused() -> None:
    with pytest.raises(UnreadableError, match="32-bit"):
        decode(encoded(Image.fromarray(RAMP.astype(np.int32) * 1000), "TIFF"), 64)
    with pytest.raises(UnreadableError, match="floating-point"):
        decode(encoded(Image.fromarray(RAMP.astype(np.float32)), "TIFF"), 64)


def test_other_sizes_are_resampled() -> None:
    stripes = np.zeros((256, 256), np.uint8)
    stripes[:, ::2] = 255
    shrunk = decode(encoded(grey(stripes)), 32)
    assert abs(int(shrunk.mean()) - 127) <= 2
    assert shrunk.std() < 10  # averaged, not picked
    assert decode(encoded(COLOUR.resize((40, 60))), 64).shape == (64, 64, 3)


def bomb(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty file"),
        (b"filepath,label\n", "not an image"),
        (encoded(COLOUR)[:20], "not an image|damaged|truncated"),
        (encoded(NOISE)[:-2000], "damaged image: .*truncated"),
        (encoded(NOISE, "JPEG")[:-500], "damaged image: .*truncated"),
        (encoded(COLOUR, "GIF"), "not an image"),
        (bomb(9000, 9000), "over 64000000 pixels"),
        (bomb(50_000, 50_000), "over 64000000 pixels"),
        (encoded(COLOUR.resize((8, 8))), "too small: 8 x 8 pixels"),
        (encoded(COLOUR.resize((100, 40))), "too elongated: 100 x 40 pixels"),
    ],
)
def test_what_cannot_be_a_tile_has_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError, match=f"^({reason})") as caught:
        decode(data, 64)
    assert "0x" not in str(caught.value)  # no addresses: the same bytes give the same reason


def test_any_damage_is_survived() -> None:
    whole = encoded(NOISE)
    generator = np.random.default_rng(0)
    for _ in range(300):
        broken = bytearray(whole)
        for place in generator.integers(0, len(broken), 5):
            broken[place] = generator.integers(256)
        try:
            assert decode(bytes(broken), 64).shape == (64, 64, 3)
        except UnreadableError as error:
            assert str(error)


def test_another_decoding_has_another_version() -> None:
    """Cached features follow from decoded tiles: whoever changes what comes out must raise VERSION, and the digest here."""
    images = [encoded(COLOUR), encoded(NOISE.convert("P")), encoded(Image.fromarray(RAMP)), encoded(NOISE, "TIFF")]
    tiles = [decode(data, side) for data in images for side in (64, 32, 100)]
    found = hashlib.sha256(b"".join(tile.tobytes() for tile in tiles)).hexdigest()[:16]
    assert {VERSION: found} == {1: "73c14c6f6f40aa81"}
