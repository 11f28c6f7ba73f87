"""Over https, and signed in with a token, as on Azure: Azurite checks the token's issuer, audience and times."""

import json
import subprocess
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from azure.core.credentials import AccessToken

from aerial_ops.clouds.base import StorageEndpoint
from aerial_ops.clouds.loopback import loopback_transport
from aerial_ops.emulator import azurite
from aerial_ops.emulator.certificates import ensure_certificates
from aerial_ops.emulator.ports import free_port
from aerial_ops.errors import StorageAccessError, StorageError
from aerial_ops.reporting import SILENT
from aerial_ops.storage.blobs import BlobStore
from aerial_ops.storage.sync import open_source, sync
from tests.storage.conftest import fill, tiles

ACCOUNT = "signedin"


class Credential:
    """Gives the token that Microsoft Entra would give for storage."""

    def __init__(self, audience: str = "https://storage.azure.com") -> None:
        now = int(time.time())
        claims = {"iss": "https://sts.windows.net/3d6b36e4-0000-4000-8000-000000000000/", "aud": audience}
        parts = ({"alg": "none", "typ": "JWT"}, {**claims, "iat": now - 60, "nbf": now - 60, "exp": now + 3600})
        self._expires = now + 3600
        self._token = ".".join([*(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), "c2ln"])

    def get_token(self, *scopes: str, **options: object) -> AccessToken:
        assert scopes == ("https://storage.azure.com/.default",)
        return AccessToken(self._token, self._expires)

    def close(self) -> None:
        """There is nothing to close."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of an Azurite that speaks https, and the authority to trust."""
    folder = tmp_path_factory.mktemp("https")
    certificates, _ = ensure_certificates(folder)
    account = azurite.Account(ACCOUNT, azurite.new_key(), free_port(), certificates)
    (folder / "data").mkdir()
    service = azurite.service(azurite.ensure_azurite(SILENT), account, folder / "data")
    running = subprocess.Popen(service.command, env=dict(service.environment), stdout=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not azurite.answers(account):
        assert running.poll() is None and time.monotonic() < until, "Azurite does not answer"
        time.sleep(0.05)
    yield f"https://{account.host}", certificates.authority
    running.kill()
    running.wait()


def store(service: tuple[str, Path], credential: Credential) -> BlobStore:
    return BlobStore(StorageEndpoint(ACCOUNT, service[0], credential), loopback_transport(service[1]), retries=0)


def test_a_token_is_enough_at_both_ends(service: tuple[str, Path], tmp_path: Path) -> None:
    there = store(service, Credential())
    assert sync(open_source(str(fill(tmp_path / "test", tiles(8)))), there, home=tmp_path / "home").total("uploaded") == 8
    source = open_source(f"{service[0]}/test", ["train"], trust=service[1], credential=Credential())
    result = sync(source, there, home=tmp_path / "home")
    assert result.total("sent") == 8
    assert {blob.name: there.read("train", blob.name) for blob in there.list("train")} == tiles(8)


def test_a_token_for_something_else_is_refused(service: tuple[str, Path]) -> None:
    with pytest.raises(StorageAccessError, match="not allowed"):
        list(store(service, Credential("https://vault.azure.net")).list("train"))


def test_a_server_that_cannot_be_trusted_is_not_spoken_to(service: tuple[str, Path]) -> None:
    endpoint = StorageEndpoint(ACCOUNT, service[0], Credential())
    with pytest.raises(StorageError, match=r"(?i)certificate"):
        list(BlobStore(endpoint, loopback_transport(None), retries=0).list("train"))
