"""What the cloud `azure` tells, without asking Azure."""

import shutil
from pathlib import Path

import pytest
from pydantic import SecretStr

from aerial_ops.clouds.azure import AzureCloud
from aerial_ops.clouds.connection import EnvironmentConnection, folder_of, keep_connection
from aerial_ops.errors import UsageError
from aerial_ops.settings import Settings

CONNECTION = EnvironmentConnection(account="stone", blob_url="https://stone.blob.core.windows.net", key=SecretStr("a2V5"))
VARIABLES = (
    "AZURE_SUBSCRIPTION_ID", "ARM_SUBSCRIPTION_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET",
    "AZURE_FEDERATED_TOKEN_FILE", "ARM_USE_OIDC", "ARM_USE_CLI", "ARM_USE_MSI", "ARM_CLIENT_ID", "ARM_CLIENT_SECRET",
    "ARM_TENANT_ID", "ACTIONS_ID_TOKEN_REQUEST_URL", "ARM_CLIENT_CERTIFICATE_PATH",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    which = shutil.which
    monkeypatch.setattr(
        shutil, "which", lambda program, *more, **most: None if program == "az" else which(program, *more, **most)
    )


def cloud(home: Path, **settings: object) -> AzureCloud:
    return AzureCloud(Settings(cloud="azure", home=home, **settings))  # type: ignore[arg-type]


def keep(home: Path, connection: EnvironmentConnection) -> None:
    folder = folder_of(Settings(cloud="azure", home=home))
    folder.mkdir(parents=True)
    keep_connection(folder, connection)


def test_the_environments_own_account_and_cluster_are_used(tmp_path: Path) -> None:
    cluster = {"livy_url": "https://c.azurehdinsight.net/livy", "livy_user": "admin", "livy_password": SecretStr("p")}
    keep(tmp_path, CONNECTION.model_copy(update=cluster))
    there = cloud(tmp_path)
    assert (there.storage().account, there.storage().url) == ("stone", "https://stone.blob.core.windows.net")
    assert there.cluster().url == "https://c.azurehdinsight.net/livy"
    assert there.cluster().password.get_secret_value() == "p"


def test_an_existing_account_and_cluster_can_be_brought(tmp_path: Path) -> None:
    there = cloud(tmp_path, storage_account="mine", storage_key="a2V5", cluster="own", cluster_password="p")
    assert there.storage().url == "https://mine.blob.core.windows.net"
    assert there.cluster().url == "https://own.azurehdinsight.net/livy"
    keep(tmp_path, CONNECTION)
    assert there.storage().account == "mine"  # what is named wins


def test_without_either_the_next_step_is_told(tmp_path: Path) -> None:
    for ask in (cloud(tmp_path).storage, cloud(tmp_path).cluster):
        with pytest.raises(UsageError) as caught:
            ask()
        assert "aerial-ops up" in caught.value.suggestion
    keep(tmp_path, CONNECTION)
    with pytest.raises(UsageError, match="no cluster"):
        cloud(tmp_path).cluster()


def test_the_subscription_is_found_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="No Azure subscription"):
        cloud(tmp_path).arm()
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", "from-arm")
    assert cloud(tmp_path).arm().subscription == "from-arm"
    monkeypatch.setenv("AZURE_SUBSCRIPTION_ID", "from-azure")
    assert cloud(tmp_path).arm().subscription == "from-azure"
    assert cloud(tmp_path, subscription="from-settings").arm().subscription == "from-settings"


@pytest.mark.parametrize(
    ("given", "expected", "absent"),
    [
        ({}, {"ARM_USE_CLI": "true"}, "ARM_USE_OIDC"),
        ({"AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "s"}, {"ARM_CLIENT_ID": "c", "ARM_CLIENT_SECRET": "s"}, "ARM_USE_CLI"),
        (
            {"AZURE_CLIENT_ID": "c", "AZURE_FEDERATED_TOKEN_FILE": "/t"},
            {"ARM_USE_OIDC": "true", "ARM_OIDC_TOKEN_FILE_PATH": "/t"},
            "ARM_USE_CLI",
        ),
        (
            {"AZURE_CLIENT_ID": "c", "ACTIONS_ID_TOKEN_REQUEST_URL": "u"},
            {"ARM_USE_OIDC": "true", "ARM_CLIENT_ID": "c"},
            "ARM_USE_CLI",
        ),
        (
            {"ARM_CLIENT_ID": "own", "AZURE_CLIENT_ID": "c", "ARM_USE_OIDC": "true"},
            {"ARM_SUBSCRIPTION_ID": "sub"},
            "ARM_CLIENT_ID",
        ),
    ],
)
def test_terraform_signs_in_as_azure_identity_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], expected: dict[str, str], absent: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    found = cloud(tmp_path, subscription="sub").terraform_environment()
    assert found == {**found, **expected}
    assert absent not in found


def test_synapseml_needs_a_repository_that_has_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        cloud(tmp_path).synapseml_settings(python=True)
    assert "AERIAL_OPS_SYNAPSEML_REPOSITORY" in caught.value.suggestion
    there = cloud(tmp_path, synapseml_repository="https://maven.example")
    with_python, without = there.synapseml_settings(python=True), there.synapseml_settings(python=False)
    assert with_python["spark.jars.packages"] == "com.microsoft.azure:synapseml_2.12:0.11.4-spark3.3"
    assert with_python["spark.jars.repositories"] == "https://maven.example"
    assert without == {**with_python, "spark.pyspark.python": "/usr/bin/miniforge/envs/py38/bin/python"}
