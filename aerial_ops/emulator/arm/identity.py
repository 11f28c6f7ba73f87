"""Who may sign in to the emulated cloud, and the secrets of the emulator itself: one file, readable by its owner only."""

import os
import secrets
import uuid
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from aerial_ops.errors import EmulatorError, UsageError

FILE = "identity.json"


class Identity(BaseModel):
    """The tenant, its subscriptions, the first application (an Owner), and the emulator's own keys."""

    model_config = ConfigDict(frozen=True)

    tenant: str
    subscriptions: tuple[str, ...]
    client_id: str
    client_secret: str
    object_id: str
    signing_key: str  # signs the tokens
    control_token: str  # opens /__emulator/

    @classmethod
    def new(cls) -> "Identity":
        """A tenant of its own with one subscription."""
        return cls(
            tenant=str(uuid.uuid4()),
            subscriptions=(str(uuid.uuid4()),),
            client_id=str(uuid.uuid4()),
            client_secret=secrets.token_urlsafe(30),
            object_id=str(uuid.uuid4()),
            signing_key=secrets.token_urlsafe(32),
            control_token=secrets.token_urlsafe(32),
        )


def ensure_identity(folder: Path) -> Identity:
    """The identity kept in `folder`; made when there is none. Raises EmulatorError when the file is damaged."""
    path = folder / FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{FILE}.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(Identity.new().model_dump_json(indent=2) + "\n")
        draft.replace(path)
    return read_identity(folder)


def read_identity(folder: Path) -> Identity:
    """The identity kept in `folder`. Raises UsageError when there is none, EmulatorError when it is damaged."""
    path = folder / FILE
    try:
        return Identity.model_validate_json(path.read_text())
    except FileNotFoundError:
        raise UsageError(
            f"No emulated Azure was started in {folder}.", suggestion="Start it: aerial-ops emulator start"
        ) from None
    except ValidationError as error:
        raise EmulatorError(
            f"{path} is damaged.", suggestion=f"Stop the emulator, remove {folder} and start it again."
        ) from error
