"""Settings: which value wins, and what is said of a wrong one."""

from pathlib import Path

import pytest

from aerial_ops.errors import UsageError
from aerial_ops.settings import load


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AERIAL_OPS_ENVIRONMENT", raising=False)


def test_a_flag_wins_over_a_variable_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "aerial-ops.toml").write_text('environment = "of-file"\nlocation = "westus"\n')
    assert load().environment == "of-file"
    monkeypatch.setenv("AERIAL_OPS_ENVIRONMENT", "of-variable")
    assert load().environment == "of-variable"
    found = load(environment="of-flag")
    assert (found.environment, found.location) == ("of-flag", "westus")


def test_an_experiment_goes_before_the_settings_file_and_behind_variables_and_flags(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "aerial-ops.toml").write_text('cloud = "emulator"\nlocation = "westus"\n')
    said = {"cloud": "azure", "location": "northeurope"}
    found = load(experiment=said)
    assert (found.cloud, found.location) == ("azure", "northeurope")
    monkeypatch.setenv("AERIAL_OPS_LOCATION", "uksouth")
    found = load(experiment=said, cloud="emulator")
    assert (found.cloud, found.location) == ("emulator", "uksouth")


def test_a_wrong_environment_is_told_with_its_source_wherever_it_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match=r"flag --env\): 'Two Words' is not a name for an environment"):
        load(environment="Two Words")
    (tmp_path / "aerial-ops.toml").write_text('environment = "x"\n')
    with pytest.raises(UsageError, match=r"file aerial-ops.toml\): 'x' is not a name .*Use 2 to 20 small letters"):
        load()
    monkeypatch.setenv("AERIAL_OPS_ENVIRONMENT", "ends-with-")
    with pytest.raises(UsageError, match=r"variable AERIAL_OPS_ENVIRONMENT\): 'ends-with-' is not a name"):
        load()


def test_a_setting_that_does_not_exist_is_named(tmp_path: Path) -> None:
    (tmp_path / "aerial-ops.toml").write_text("wrokers = 3\n")
    with pytest.raises(UsageError, match=r"'wrokers' .*there is no such setting"):
        load()


def test_a_home_that_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is not a folder") as caught:
        load(home=tmp_path / "file")
    assert "--home" in caught.value.suggestion
