"""The emulator's cloud where there is no environment, and after it was erased; tests/emulator/test_emulator.py has it running."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from aerial_ops.clouds import cloud_of
from aerial_ops.clouds.connection import EnvironmentConnection, folder_of, keep_connection
from aerial_ops.emulator import jars
from aerial_ops.emulator.arm import lifecycle
from aerial_ops.errors import UsageError
from aerial_ops.reporting import SILENT
from aerial_ops.settings import Settings


def test_without_an_environment_it_says_what_comes_first(tmp_path: Path) -> None:
    cloud = cloud_of(Settings(cloud="emulator", home=tmp_path, environment="trial"))
    for endpoint in (cloud.storage, cloud.cluster):
        with pytest.raises(UsageError, match="'trial' has no storage account") as caught:
            endpoint()
        assert caught.value.suggestion == "Make the environment first: aerial-ops up"
    with pytest.raises(UsageError, match="No emulated Azure was started"):
        cloud.arm()


def test_data_without_a_cluster_until_it_is_erased(tmp_path: Path) -> None:
    settings = Settings(cloud="emulator", home=tmp_path)
    folder_of(settings).mkdir(parents=True)
    keep_connection(folder_of(settings), EnvironmentConnection(account="a", blob_url="https://a:1", key=SecretStr("k")))
    cloud = cloud_of(settings)
    assert cloud.storage().url == "https://a:1"
    with pytest.raises(UsageError, match="no cluster"):
        cloud.cluster()
    (tmp_path / "emulator").mkdir()
    cloud.close(SILENT)
    assert cloud.storage().url == "https://a:1"
    cloud.close(SILENT, erase=True)
    assert not (tmp_path / "emulator").exists()
    with pytest.raises(UsageError, match="has no storage account"):
        cloud.storage()


def test_a_cluster_of_any_size_has_the_cores_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(cloud="emulator", home=tmp_path)
    folder_of(settings).mkdir(parents=True)
    cluster = {"livy_url": "https://c/livy", "livy_user": "admin", "livy_password": SecretStr("p"), "workers": 40}
    there = EnvironmentConnection(account="a", blob_url="https://a:1", key=SecretStr("k"), **cluster)
    keep_connection(folder_of(settings), there)
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    found = cloud_of(settings).cluster()
    assert (found.workers, found.cores) == (40, 3)
    assert there.cluster().cores is None  # elsewhere a cluster has what its nodes have


def test_synapseml_comes_out_of_the_cache_or_the_next_command_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = cloud_of(Settings(cloud="emulator", home=tmp_path))
    monkeypatch.setenv("AERIAL_OPS_CACHE", str(tmp_path / "cache"))
    with pytest.raises(UsageError, match="SynapseML is not on this machine") as caught:
        cloud.synapseml_settings(python=True)
    assert caught.value.suggestion.endswith("aerial-ops emulator fetch synapseml")
    monkeypatch.setattr(jars, "complete", lambda folder, of: True)
    names = cloud.synapseml_settings(python=False)["spark.jars"].split(",")
    assert len(names) == len(jars.locked_jars(jars.SYNAPSEML)) and all(name.startswith("local:/") for name in names)


def test_the_real_provider_is_downloaded_with_public_trust(tmp_path: Path) -> None:
    settings = Settings(cloud="emulator", home=tmp_path)
    folder = tmp_path / "emulator"
    try:
        lifecycle.start(folder, backends="record")
        stand_in = cloud_of(settings).terraform_environment()
        assert Path(stand_in["TF_CLI_CONFIG_FILE"]).exists()
        lifecycle.start(folder, provider="real")
        real = cloud_of(settings).terraform_environment()
    finally:
        lifecycle.stop(folder)
    assert "TF_CLI_CONFIG_FILE" not in real
    bundle = Path(real["SSL_CERT_FILE"]).read_text()
    assert Path(stand_in["SSL_CERT_FILE"]).read_text() in bundle
    assert bundle.count("BEGIN CERTIFICATE") > 50
