"""A real Azurite, emptied for every test, and helpers to fill folders and accounts."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from azure.core.credentials import AzureSasCredential
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import AccountSasPermissions, ResourceTypes, generate_account_sas
from pydantic import SecretStr

from aerial_ops.clouds.base import StorageEndpoint
from aerial_ops.clouds.connection import EnvironmentConnection, keep_connection
from aerial_ops.clouds.loopback import loopback_transport
from aerial_ops.storage.blobs import BlobStore
from pytest_azurite.server import AzuriteServer


class CountingAdapter(requests.adapters.HTTPAdapter):
    """Counts requests by method, and lets a test spoil an answer after the server has given it."""

    def __init__(self, inner: requests.adapters.HTTPAdapter) -> None:
        super().__init__()
        self.inner, self.count = inner, Counter[str]()
        self.spoil: Callable[[requests.PreparedRequest], None] = lambda request: None

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        response = self.inner.send(request, *args, **kwargs)
        self.count[request.method or ""] += 1
        self.spoil(request)
        return response

    def close(self) -> None:
        self.inner.close()


def endpoint(server: AzuriteServer) -> StorageEndpoint:
    """The server's account, named in the host as on Azure."""
    return StorageEndpoint(server.account, f"http://{server.spark_host}", SecretStr(server.key))


@contextmanager
def emptied(server: AzuriteServer) -> Iterator[BlobStore]:
    """The server's account, without containers. No connection stays open: Azurite waits for them when it is stopped."""
    server.start()
    transport: RequestsTransport = loopback_transport(None)
    with transport.session:
        store = BlobStore(endpoint(server), transport)
        for container in store.service.list_containers():
            store.service.delete_container(container.name)
        yield store


@pytest.fixture
def store(azurite: AzuriteServer) -> Iterator[BlobStore]:
    """An account without containers: syncs fill containers of fixed names."""
    with emptied(azurite) as store:
        yield store


@pytest.fixture
def wired(store: BlobStore) -> Iterator[tuple[BlobStore, CountingAdapter]]:
    """The same account through a store whose requests are counted."""
    transport: RequestsTransport = loopback_transport(None)
    with transport.session:
        counting = CountingAdapter(transport.session.get_adapter("http://x"))
        transport.session.mount("http://", counting)
        yield BlobStore(store.endpoint, transport), counting


@pytest.fixture(scope="session")
def second_azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzuriteServer]:
    server = AzuriteServer(tmp_path_factory.mktemp("second-azurite"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def origin(second_azurite: AzuriteServer) -> Iterator[BlobStore]:
    """Another account, of another server, without containers."""
    with emptied(second_azurite) as store:
        yield store


@pytest.fixture
def home(tmp_path: Path, store: BlobStore, azurite: AzuriteServer) -> Path:
    """A project's home with an environment: this account."""
    folder = tmp_path / "home" / "environments" / "default"
    folder.mkdir(parents=True)
    keep_connection(
        folder, EnvironmentConnection(account=azurite.account, blob_url=store.endpoint.url, key=SecretStr(azurite.key))
    )
    return tmp_path / "home"


def sas(store: BlobStore, **permissions: bool) -> str:
    """A SAS of the account for an hour; read and list unless told."""
    allowed = AccountSasPermissions(**(permissions or {"read": True, "list": True}))
    types = ResourceTypes(service=True, container=True, object=True)
    key = store.endpoint.credential
    assert isinstance(key, SecretStr)
    until = datetime.now(UTC) + timedelta(hours=1)
    return generate_account_sas(store.endpoint.account, key.get_secret_value(), types, allowed, until)


def signature(signed: str) -> str:
    """The secret part of a SAS or an address, as it stands there."""
    return signed.split("sig=")[1].split("&", maxsplit=1)[0]


def signed(store: BlobStore, permit: str) -> BlobStore:
    """The same account, for somebody who may do what the SAS allows."""
    account = StorageEndpoint(store.endpoint.account, store.endpoint.url, AzureSasCredential(permit))
    return BlobStore(account, loopback_transport(None))


def fill(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files below `folder`."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def tiles(count: int, size: int = 300) -> dict[str, bytes]:
    """`count` different files in two classes."""
    return {f"{('Forest', 'Shrub')[n % 2]}/tile_{n:05}.png": n.to_bytes(4, "big") * (size // 4) for n in range(count)}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with two containers, 20 and 10 files."""
    fill(tmp_path / "images" / "train", tiles(20))
    fill(tmp_path / "images" / "test", tiles(10, 200))
    return tmp_path / "images"
