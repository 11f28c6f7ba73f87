"""An environment's connection file: the endpoints and keys that `up` found, for every other command."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError, field_serializer

from aerial_ops.clouds.base import ClusterEndpoint, StorageEndpoint
from aerial_ops.errors import InfrastructureError, UsageError
from aerial_ops.settings import Settings

FILE = "connection.json"
FIRST = "Make the environment first: aerial-ops up"


class EnvironmentConnection(BaseModel):
    """`blob_url` has no trailing slash; what is of the cluster is None while there is no cluster. The file has mode 0600."""

    model_config = ConfigDict(frozen=True)

    account: str
    blob_url: str
    key: SecretStr
    livy_url: str | None = None
    livy_user: str | None = None
    livy_password: SecretStr | None = None
    usd_per_hour: float | None = None
    workers: int | None = None
    worker_size: str | None = None

    @field_serializer("key", "livy_password", when_used="json-unless-none")
    def _plain(self, secret: SecretStr) -> str:
        return secret.get_secret_value()

    def storage(self) -> StorageEndpoint:
        """The environment's storage account."""
        return StorageEndpoint(account=self.account, url=self.blob_url, credential=self.key)

    def cluster(self) -> ClusterEndpoint:
        """The environment's cluster. Raises UsageError when there is none."""
        if self.livy_url is None or self.livy_user is None or self.livy_password is None:
            raise UsageError("The environment has no cluster.", suggestion="Make one: aerial-ops up")
        return ClusterEndpoint(
            self.livy_url,
            self.livy_user,
            self.livy_password,
            usd_per_hour=self.usd_per_hour,
            workers=self.workers,
            worker_size=self.worker_size,
        )


def folder_of(settings: Settings) -> Path:
    """The environment's folder."""
    return settings.home / "environments" / settings.environment


def find_connection(settings: Settings) -> EnvironmentConnection | None:
    """The environment's connection; None when there is no data layer. Raises InfrastructureError for a damaged file."""
    path = folder_of(settings) / FILE
    try:
        return EnvironmentConnection.model_validate_json(path.read_text())
    except FileNotFoundError:
        return None
    except (ValidationError, UnicodeDecodeError) as error:
        raise InfrastructureError(f"{path} is damaged.", suggestion="Have it written again: aerial-ops up") from error


def keep_connection(folder: Path, connection: EnvironmentConnection | None) -> None:
    """Write the connection of the environment in `folder`, for its owner's eyes only; None removes it."""
    if connection is None:
        (folder / FILE).unlink(missing_ok=True)
        return
    draft = folder / f".{FILE}.{os.getpid()}"
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(connection.model_dump_json(indent=2) + "\n")
    draft.replace(folder / FILE)
