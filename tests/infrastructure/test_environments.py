import stat
import string
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aerial_ops.errors import InfrastructureError, RefusedError, UsageError
from aerial_ops.infrastructure.environments import Description, Environment, known_environments
from aerial_ops.infrastructure.passwords import SYMBOLS, new_password

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DESCRIPTION = Description(
    name="trial", cloud="emulator", location="eastus", owner="me", resource_group="aerial-ops-trial", storage_account="st1",
    cluster="c1", workers=2, created_at=NOW, deadline=NOW,
)  # fmt: skip


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment("trial", tmp_path)


def test_what_it_is_is_kept(environment: Environment, tmp_path: Path) -> None:
    assert environment.description() is None
    environment.describe(DESCRIPTION)
    assert Environment("trial", tmp_path).description() == DESCRIPTION
    assert known_environments(tmp_path) == [environment]


def test_secrets_are_made_once_and_kept_from_others(environment: Environment) -> None:
    secrets = environment.secrets()
    assert environment.secrets() == secrets
    assert secrets.gateway_password != secrets.ssh_password
    assert stat.S_IMODE((environment.folder / "secrets.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(environment.folder.stat().st_mode) == 0o700
    assert secrets.gateway_password.get_secret_value() not in repr(secrets)


@pytest.mark.parametrize("name", ["a", "A1", "1a", "a-", "a_b", "x" * 21, "../x", ""])
def test_names_that_azure_would_refuse_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="is not a name for an environment"):
        Environment(name, tmp_path)


def test_only_one_command_changes_it_at_a_time(environment: Environment) -> None:
    with environment.alone(), pytest.raises(RefusedError, match="Another command is at work"), environment.alone():
        pass
    with environment.alone():
        pass


def test_two_environments_do_not_hinder_each_other(environment: Environment, tmp_path: Path) -> None:
    with environment.alone(), Environment("other", tmp_path).alone():
        pass


def test_a_damaged_file_is_named(environment: Environment) -> None:
    environment.describe(DESCRIPTION)
    (environment.folder / "environment.json").write_text("{")
    with pytest.raises(InfrastructureError, match=r"environment.json is damaged") as caught:
        environment.description()
    assert "by its tags" in caught.value.suggestion


def test_forgetting_keeps_only_the_journal(environment: Environment, tmp_path: Path) -> None:
    environment.describe(DESCRIPTION)
    environment.journal.write("begun", "x")
    environment.forget()
    assert known_environments(tmp_path) == []
    assert not environment.folder.exists()
    assert len(list((tmp_path / "journals").glob("trial-*.jsonl"))) == 1
    environment.forget()


def test_passwords_have_every_kind_that_hdinsight_asks_for() -> None:
    made = {new_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        assert len(password) >= 10
        for kind in (string.ascii_lowercase, string.ascii_uppercase, string.digits, SYMBOLS):
            assert any(character in kind for character in password)
        assert not set(password) & set("'\"`$\\ %")
