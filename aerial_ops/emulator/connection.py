"""How to reach a cluster's Livy and its storage: one JSON file in the cluster's folder, readable by its owner only."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from aerial_ops.errors import EmulatorError

FILE = "connection.json"


class Connection(BaseModel):
    """Addresses and secrets of one cluster."""

    model_config = ConfigDict(frozen=True)

    account: str
    key: str
    blob_url: str  # https://ACCOUNT.blob.localhost:PORT
    livy_url: str  # https://localhost:PORT/livy
    livy_user: str
    livy_password: str
    ca_file: str
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
            suggestion="Make the cluster anew: aerial-ops down --keep-data, then aerial-ops up",
        ) from error


def write_connection(folder: Path, connection: Connection) -> None:
    """Replace the file as a whole, mode 0600."""
    draft = folder / f".{FILE}.{os.getpid()}"
    draft.touch(mode=0o600)
    draft.write_text(connection.model_dump_json(indent=2) + "\n")
    draft.replace(folder / FILE)
