"""Environments: a name, a folder on this machine, and tags on everything in Azure that belongs to it."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self, TypeVar

from filelock import FileLock, Timeout
from pydantic import AwareDatetime, BaseModel, ConfigDict, SecretStr, ValidationError

from aerial_ops.errors import InfrastructureError, RefusedError
from aerial_ops.infrastructure.journal import Journal
from aerial_ops.infrastructure.passwords import new_password
from aerial_ops.names import checked_environment_name
from aerial_ops.settings import IN_USE

Kept = TypeVar("Kept", bound=BaseModel)


class Description(BaseModel):
    """What an environment is, as far as this machine decides it."""

    model_config = ConfigDict(frozen=True)

    name: str
    cloud: str
    location: str
    owner: str
    run: str = "none"
    resource_group: str
    storage_account: str
    cluster: str
    workers: int
    worker_size: str = "Standard_D12_V2"
    head_size: str = "Standard_D12_V2"
    created_at: AwareDatetime
    deadline: AwareDatetime
    keep_data: bool = False
    max_cost_usd: float | None = None


class Secrets(BaseModel):
    """Passwords made for one environment; Azure wants the two to differ."""

    model_config = ConfigDict(frozen=True)

    gateway_password: SecretStr
    ssh_password: SecretStr

    @classmethod
    def new(cls) -> Self:
        """Fresh ones."""
        return cls(gateway_password=SecretStr(new_password()), ssh_password=SecretStr(new_password()))


@dataclass(frozen=True)
class Environment:
    """One environment's folder below `home`."""

    name: str
    home: Path

    def __post_init__(self) -> None:
        checked_environment_name(self.name)

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return self.home / "environments" / self.name

    @property
    def journal(self) -> Journal:
        """What was done to it."""
        return Journal(self.folder / "journal.jsonl")

    def journals(self) -> list[Journal]:
        """Its journal, and those of the environments of its name that are gone, oldest first."""
        gone = sorted((self.home / "journals").glob(f"{self.name}-[0-9]*T[0-9]*.jsonl"))
        return [*(Journal(path) for path in gone), self.journal]

    def description(self) -> Description | None:
        """What it is; None when this machine does not know it."""
        return _read(self.folder / "environment.json", Description)

    def describe(self, description: Description) -> None:
        """Keep what it is."""
        _write(self.folder / "environment.json", description.model_dump_json(indent=2))

    def secrets(self) -> Secrets:
        """Its passwords, made when they are first asked for."""
        known = _read(self.folder / "secrets.json", Secrets)
        if known is None:
            known = Secrets.new()
            self.keep_secrets(known)
        return known

    @property
    def has_secrets(self) -> bool:
        """Whether its passwords are known on this machine."""
        return (self.folder / "secrets.json").exists()

    def keep_secrets(self, secrets: Secrets) -> None:
        """Keep passwords that were made elsewhere."""
        plain = {name: getattr(secrets, name).get_secret_value() for name in Secrets.model_fields}
        _write(self.folder / "secrets.json", json.dumps(plain, indent=2))

    def forget(self) -> None:
        """Remove its folder but for the journal, which moves aside: nothing of it exists any more."""
        if not self.folder.exists():
            return
        journal = self.folder / "journal.jsonl"
        if journal.exists():
            aside = self.home / "journals"
            aside.mkdir(parents=True, exist_ok=True)
            journal.replace(aside / f"{self.name}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.jsonl")
        shutil.rmtree(self.folder)

    @contextmanager
    def alone(self, *, wait: bool = False) -> Iterator[None]:
        """Only one command at a time changes an environment. Raises RefusedError when another is at work."""
        (self.home / "environments").mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(self.home / "environments" / f".{self.name}.lock")
        try:
            lock.acquire(timeout=-1 if wait else 0)
        except Timeout:
            raise RefusedError(
                f"Another command is at work on the environment {self.name!r}.",
                left="Nothing was changed.",
                suggestion="Wait for its end.",
            ) from None
        try:
            yield
        finally:
            lock.release()


def known_environments(home: Path) -> list[Environment]:
    """The environments that this machine knows, by name."""
    found = sorted((home / "environments").glob("*/environment.json"))
    return [Environment(path.parent.name, home) for path in found]


def choose(environment: Environment) -> None:
    """From now on commands work on this one, unless they are told otherwise."""
    folder = environment.home / "environments"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(folder / IN_USE, environment.name)


def _read(path: Path, model: type[Kept]) -> Kept | None:
    try:
        return model.model_validate_json(path.read_text())
    except FileNotFoundError:
        return None
    except (ValidationError, UnicodeDecodeError) as error:
        raise InfrastructureError(
            f"{path} is damaged.", suggestion="Remove that file; `aerial-ops down` then finds what exists by its tags."
        ) from error


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text + "\n")
    draft.replace(path)
