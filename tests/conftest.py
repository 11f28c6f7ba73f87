"""Fixtures for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from aerial_ops.clouds import cloud_of
from aerial_ops.reporting import SILENT
from aerial_ops.settings import Settings
from aerial_ops.storage.blobs import BlobStore

pytest_plugins = ["pytester"]

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real imagery beside the project."""
    if not (SHARED / "naip" / "landcover.tif").exists():
        pytest.skip(f"the shared imagery is not at {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of a running emulator with an empty store: Azurite, Livy with Spark, the gateway. One for each test process."""
    settings = Settings(cloud="emulator", home=tmp_path_factory.mktemp("emulator"))
    cloud = cloud_of(settings)
    try:
        cloud.open(SILENT)
        yield settings
    finally:
        cloud.close(SILENT)


@pytest.fixture(scope="session")
def store(emulator: Settings) -> BlobStore:
    """The emulator's storage account; it is shared by the tests of a session, so use container names of your own."""
    return BlobStore.of(cloud_of(emulator))
