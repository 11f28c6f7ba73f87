import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from aerial_ops.backbones import store as networks_in_account
from aerial_ops.backbones.inference import Network
from aerial_ops.backbones.quantise import quantise
from aerial_ops.errors import DataError
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.layout import PRETRAINED, TRAIN
from tests.backbones import networks


def fill(account: BlobStore, count: int) -> None:
    account.ensure_containers([TRAIN])
    for blob in list(account.list(TRAIN)):
        account.delete(TRAIN, blob.name)
    for number in range(count):
        sink = io.BytesIO()
        values = np.random.default_rng(number).integers(0, 200, (32, 32, 3), dtype=np.uint8) + number % 50
        Image.fromarray(values.astype(np.uint8)).save(sink, "PNG")
        account.write(TRAIN, f"Forest/{number:03d}.png", sink.getvalue())


def test_an_8_bit_network_gives_nearly_the_same_features(account: BlobStore, save: Callable[..., Path]) -> None:
    fill(account, 20)
    account.write(TRAIN, "Forest/broken.png", b"no image")
    original = networks_in_account.fetch(account, str(save(networks.small())))
    made, likeness = quantise(account, original.name, tiles=32)
    assert made.name == f"{original.name}-int8"
    assert (made.length, made.side, made.source_sha256) == (original.length, original.side, original.sha256)
    assert networks_in_account.published(account, made.name) == made
    assert likeness > 0.98
    tiles = np.random.default_rng(5).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
    exact, rounded = (Network(account.read(PRETRAINED, one.file), one.name)(tiles) for one in (original, made))
    assert not np.array_equal(exact, rounded)
    np.testing.assert_allclose(rounded, exact, atol=0.1 * np.abs(exact).max())


def test_too_few_tiles_are_refused_and_nothing_is_published(account: BlobStore, save: Callable[..., Path]) -> None:
    fill(account, 3)
    original = networks_in_account.fetch(account, str(save(networks.small())))
    with pytest.raises(DataError, match="3 tiles that can be read; 16 are needed"):
        quantise(account, original.name)
    assert networks_in_account.published(account, f"{original.name}-int8") is None
