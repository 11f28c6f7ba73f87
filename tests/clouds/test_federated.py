"""A CI job signs in by the id tokens of its service, and goes on after they have expired."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientAssertionCredential

from aerial_ops.clouds.azure import AzureCloud
from aerial_ops.clouds.base import ArmEndpoint
from aerial_ops.clouds.federated import NEEDED, STRONGER, TOKEN, URL, ci_credential
from aerial_ops.emulator.certificates import ensure_certificates
from aerial_ops.infrastructure.control_plane import ControlPlane
from aerial_ops.settings import Settings
from tests.emulator.arm.cloud import EmulatedCloud


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[EmulatedCloud]:
    made = EmulatedCloud(tmp_path / "arm", ensure_certificates(tmp_path)[0])
    yield made
    made.close()


def variables(cloud: EmulatedCloud, query: str = "api-version=2.0") -> dict[str, str]:
    return {
        URL: f"{cloud.url}/__emulator/id-token?{query}",
        TOKEN: cloud.identity.control_token,
        "AZURE_TENANT_ID": cloud.identity.tenant,
        "AZURE_CLIENT_ID": cloud.identity.client_id,
    }


def signed(cloud: EmulatedCloud, environ: dict[str, str]) -> ClientAssertionCredential:
    trust = cloud.certificates.authority
    credential = ci_credential(
        environ, trust, authority=cloud.url, disable_instance_discovery=True, connection_verify=str(trust), retry_total=0
    )
    assert credential is not None
    return credential


def plane(cloud: EmulatedCloud, environ: dict[str, str]) -> ControlPlane:
    trust = cloud.certificates.authority
    return ControlPlane(ArmEndpoint(cloud.url, f"{cloud.url}/.default", cloud.subscription, signed(cloud, environ), trust))


def test_a_job_signs_in(cloud: EmulatedCloud) -> None:
    assert plane(cloud, variables(cloud)).signed_in_as()


def test_every_sign_in_shows_a_fresh_id_token(cloud: EmulatedCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    from aerial_ops.clouds import federated

    asked, real = [], federated._id_token

    def counted(url: str, token: str, trust: Path | None) -> str:
        asked.append(real(url, token, trust))
        return asked[-1]

    monkeypatch.setattr(federated, "_id_token", counted)
    credential = signed(cloud, variables(cloud))
    for scope in (f"{cloud.url}/.default", "https://management.azure.com/.default"):  # a token of each: none is at hand
        assert credential.get_token(scope).token
    assert len(asked) == len(set(asked)) == 2


def test_a_service_that_refuses_is_named_and_no_token_is_told(cloud: EmulatedCloud) -> None:
    with pytest.raises(Exception, match="id-token: write") as caught:
        plane(cloud, {**variables(cloud), TOKEN: "wrong-token"}).signed_in_as()
    assert "wrong-token" not in f"{caught.value!r}{caught.value.__cause__!r}"


def test_a_service_that_is_away_is_named(cloud: EmulatedCloud) -> None:
    environ = {**variables(cloud), URL: "https://127.0.0.1:9/id-token?x=1"}
    with pytest.raises(ClientAuthenticationError, match="gave no id token"):
        signed(cloud, environ).get_token(f"{cloud.url}/.default")


@pytest.mark.parametrize("name", NEEDED)
def test_only_a_job_that_may_ask_signs_in_so(name: str) -> None:
    whole = dict.fromkeys(NEEDED, "x")
    assert ci_credential({**whole, name: ""}) is None


@pytest.mark.parametrize("name", STRONGER)
def test_what_was_set_for_azure_identity_wins(name: str) -> None:
    assert ci_credential({**dict.fromkeys(NEEDED, "x"), name: "x"}) is None


def test_terraform_signs_in_the_same_way(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*STRONGER, "ARM_CLIENT_SECRET", "ARM_USE_OIDC", "ARM_CLIENT_ID"):
        monkeypatch.delenv(name, raising=False)
    for name in NEEDED:
        monkeypatch.setenv(name, f"the-{name}")
    found = AzureCloud(Settings(cloud="azure", subscription="s")).terraform_environment()
    assert found["ARM_USE_OIDC"] == "true" and "ARM_USE_CLI" not in found
    assert (found["ARM_CLIENT_ID"], found["ARM_TENANT_ID"]) == ("the-AZURE_CLIENT_ID", "the-AZURE_TENANT_ID")
