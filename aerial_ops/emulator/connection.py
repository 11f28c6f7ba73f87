"""How to reach a started emulator: one JSON file, readable by its owner only."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from aerial_ops.errors import EmulatorError, UsageError

FILE = "connection.json"


class Connection(BaseModel):
    """Addresses and secrets of one emulator."""

    model_config = ConfigDict(frozen=True)

    account: str
    key: str
    blob_url: str  # https://ACCOUNT.blob.localhost:PORT
    livy_url: str  # https://localhost:PORT/livy
    livy_user: str
    livy_password: str
    ca_file: str
    livy_port: int = 0  # Livy itself, behind the gateway


def read_connection(folder: Path) -> Connection:
    """The connection of the emulator in `folder`. Raises UsageError when none was started there."""
    try:
        return Connection.model_validate_json((folder / FILE).read_text())
    except FileNotFoundError:
        raise UsageError(f"No emulator was started in {folder}.", suggestion="Start one: aerial-ops emulator start") from None
    except (ValidationError, UnicodeDecodeError) as error:
        raise EmulatorError(
            f"{folder / FILE} is damaged.",
            left="The emulator's data is not affected.",
            suggestion="Run aerial-ops emulator stop, remove that file, and run aerial-ops emulator start: it makes a new one.",
        ) from error


def write_connection(folder: Path, connection: Connection) -> None:
    """Replace the file as a whole, mode 0600."""
    draft = folder / f".{FILE}.{os.getpid()}"
    draft.touch(mode=0o600)
    draft.write_text(connection.model_dump_json(indent=2) + "\n")
    draft.replace(folder / FILE)
