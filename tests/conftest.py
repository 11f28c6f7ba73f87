"""Fixtures for every test."""

import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from aerial_ops.clouds import cloud_of
from aerial_ops.errors import ToolError
from aerial_ops.reporting import SILENT
from aerial_ops.settings import Settings
from aerial_ops.storage.blobs import BlobStore

pytest_plugins = ["pytester"]

# A shell starts what runs in the background with SIGINT ignored, and every child would inherit that; tests press Ctrl-C.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    """A command that ends in this process hears no signals any more, and what later tests start would inherit that."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        if handler is not None:  # None: not set by Python, so it cannot be set back by it
            signal.signal(number, handler)


SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real imagery beside the project."""
    if not (SHARED / "naip" / "landcover.tif").exists():
        pytest.skip(f"the shared imagery is not at {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of an environment on a running emulator: an empty storage account, a cluster. One for each test process."""
    from aerial_ops.infrastructure.site import Site
    from aerial_ops.infrastructure.terraform.binary import find_terraform
    from aerial_ops.infrastructure.up import UpOrder, up

    settings = Settings(cloud="emulator", home=tmp_path_factory.mktemp("emulator"))
    try:
        find_terraform(settings.terraform)
    except ToolError as error:
        pytest.skip(error.message)
    try:
        up(Site.of(settings), UpOrder(workers=2, ttl=timedelta(hours=4)))
        yield settings
    finally:
        cloud_of(settings).close(SILENT, erase=True)


@pytest.fixture(scope="session")
def store(emulator: Settings) -> BlobStore:
    """The environment's storage account; it is shared by the tests of a session, so use container names of your own."""
    return BlobStore.of(cloud_of(emulator))
