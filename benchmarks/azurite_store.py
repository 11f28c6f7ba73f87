"""An Azurite for a benchmark, quiet as the emulator's, and the store of its account."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aerial_ops.storage.blobs import BlobStore
    from pytest_azurite.server import AzuriteServer


def store_of(server: "AzuriteServer", containers: Iterable[str]) -> "BlobStore":
    """The store of a running Azurite's account, with these containers in it."""
    from pydantic import SecretStr

    from aerial_ops.clouds.base import StorageEndpoint
    from aerial_ops.clouds.loopback import loopback_transport
    from aerial_ops.storage.blobs import BlobStore

    endpoint = StorageEndpoint(server.account, f"http://{server.spark_host}", SecretStr(server.key))
    store = BlobStore(endpoint, loopback_transport(None))
    store.ensure_containers(containers)
    return store


@contextmanager
def azurite(folder: Path) -> Iterator["AzuriteServer"]:
    """A running Azurite with its data in FOLDER/azurite, without a line of log for each request."""
    from pytest_azurite.server import AzuriteServer

    server = AzuriteServer(folder / "azurite", access_log=False)
    server.start()
    try:
        yield server
    finally:
        server.stop()
