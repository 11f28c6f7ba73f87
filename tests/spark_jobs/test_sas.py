"""The signature must be the one that Azure's own SDK makes."""

import base64
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest
from azure.storage.blob import ContainerSasPermissions, generate_container_sas

from spark_jobs.sas import LIFETIME, VERSION, container_sas

KEY = base64.b64encode(b"k" * 64).decode()
NOW = datetime(2026, 11, 24, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("endpoint", "protocol"),
    [("https://acct.blob.core.windows.net", "https"), ("http://acct.blob.localhost:10000", "https,http")],
)
@pytest.mark.parametrize("permissions", ["r", "rl", "rwcd"])
def test_signature(endpoint: str, protocol: str, permissions: str) -> None:
    ours = parse_qs(container_sas(endpoint, KEY, "train", permissions, NOW))
    theirs = parse_qs(
        generate_container_sas(
            "acct",
            "train",
            account_key=KEY,
            permission=ContainerSasPermissions.from_string(permissions),
            expiry=NOW + LIFETIME,
            protocol=protocol,
        )
    )
    assert ours["sp"] == theirs["sp"]
    assert ours["se"] == theirs["se"] == ["2026-11-24T17:30:00Z"]
    if theirs["sv"] == [VERSION]:
        assert ours == theirs
    else:  # The string to sign has kept its shape since our version, but the version is in it: sign with ours.
        from azure.storage.blob._shared_access_signature import BlobSharedAccessSignature

        signer = BlobSharedAccessSignature("acct", account_key=KEY)
        signer.x_ms_version = VERSION
        assert ours == parse_qs(signer.generate_container("train", ours["sp"][0], NOW + LIFETIME, protocol=protocol))


def test_an_https_endpoint_gets_an_https_only_token() -> None:
    assert parse_qs(container_sas("https://acct.blob.x", KEY, "c", "r"))["spr"] == ["https"]
