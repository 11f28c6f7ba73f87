"""Fixtures for the tests of backbones: a cache of their own, a storage account on a real Azurite, tiles of noise."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from pydantic import SecretStr

from aerial_ops.backbones import catalogue
from aerial_ops.clouds.base import StorageEndpoint
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.layout import PRETRAINED, TRAINED
from pytest_azurite.server import AzuriteServer
from tests.backbones import networks


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AERIAL_OPS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(autouse=True)
def no_zoo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens there: a test that forgot its own server must not ask the real zoo."""
    monkeypatch.setattr(catalogue, "ZOO", "http://127.0.0.1:9/zoo")


@pytest.fixture
def account(azurite: AzuriteServer) -> Iterator[BlobStore]:
    """An empty storage account."""
    azurite.start()
    store = BlobStore(StorageEndpoint(azurite.account, azurite.url, SecretStr(azurite.key)))
    yield store
    azurite.start()
    for container in (PRETRAINED, TRAINED):
        client = store.container(container)
        if client.exists():
            for blob in list(store.list(container)):
                store.delete(container, blob.name)
    store.service.close()


@pytest.fixture(scope="session")
def tiles() -> Callable[[int, int], NDArray[np.uint8]]:
    """`tiles(count, side)`: noise, uint8 [count, side, side, 3]."""
    return lambda count, side: np.random.default_rng(7).integers(0, 256, (count, side, side, 3), dtype=np.uint8)


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """`save(model, name)`: the model as a file."""

    def saved(model: Any, name: str = "mynet.onnx") -> Path:
        onnx.save(model, tmp_path / name)
        return tmp_path / name

    return saved


@pytest.fixture
def small_zoo(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """The catalogue's zoo networks replaced by small ones of the same architecture: their files by name."""
    files = {"resnet18": networks.resnet18(), "alexnet": networks.alexnet()}
    lengths = {"resnet18": networks.RESNET_FEATURES, "alexnet": networks.ALEXNET_FEATURES}
    raw = {name: model.SerializeToString() for name, model in files.items()}
    for name, data in raw.items():
        entry = catalogue.CATALOGUE[name]
        assert isinstance(entry.source, catalogue.ZooFile)
        source = replace(entry.source, sha256=sha256(data).hexdigest(), size=len(data))
        monkeypatch.setitem(catalogue.CATALOGUE, name, replace(entry, source=source, length=lengths[name]))
    return raw
