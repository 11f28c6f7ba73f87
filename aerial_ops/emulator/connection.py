"""A cluster's addresses and secrets: one JSON file in the cluster's folder, readable by its owner only."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from aerial_ops.errors import EmulatorError

FILE = "connection.json"


class Connection(BaseModel):
    """Where a cluster's Livy is, who may use it, and the storage account that its jobs may read."""

    model_config = ConfigDict(frozen=True)

    account: str
    key: str
    livy_url: str  # https://localhost:PORT/livy
    livy_user: str
    livy_password: str
    livy_port: int  # Livy itself, behind the gateway


def read_connection(folder: Path) -> Connection | None:
    """The connection of the cluster in `folder`; None when it has none yet. Raises EmulatorError for a damaged file."""
    try:
        return Connection.model_validate_json((folder / FILE).read_text())
    except FileNotFoundError:
        return None
    except (ValidationError, UnicodeDecodeError) as error:
        raise EmulatorError(
            f"{folder / FILE} is damaged.",
            left="The data of its storage account is not affected.",
            suggestion="Remove it, then: aerial-ops emulator start",
        ) from error


def write_connection(folder: Path, connection: Connection) -> None:
    """Replace the file as a whole, mode 0600."""
    draft = folder / f".{FILE}.{os.getpid()}"
    draft.touch(mode=0o600)
    draft.write_text(connection.model_dump_json(indent=2) + "\n")
    draft.replace(folder / FILE)
