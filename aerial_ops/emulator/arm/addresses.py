"""How to reach the emulated Azure of a folder: azure.json, readable by its owner only."""

import os
from contextlib import closing
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from aerial_ops.emulator.arm.identity import ensure_identity
from aerial_ops.emulator.arm.store import STATE, SUFFIX, Store
from aerial_ops.emulator.certificates import Certificates
from aerial_ops.emulator.ports import free_port
from aerial_ops.errors import EmulatorError, UsageError

FOLDER, FILE = "arm", "azure.json"
PACE = 600.0  # at first: a cluster that takes Azure 20 minutes is there in seconds


class ArmConnection(BaseModel):
    """How to reach an emulated Azure: addresses, an Owner's credentials, the control token. Its file has mode 0600."""

    model_config = ConfigDict(frozen=True)

    url: str  # https://127.0.0.1:PORT, the Resource Manager and the sign-in
    storage_suffix: str  # localhost:PORT
    tenant: str
    subscription: str
    client_id: str
    client_secret: str
    control_token: str
    ca_file: str
    speed: float | None = None
    pace: float = PACE
    cores: int = 300
    backends: Literal["real", "record"] = "real"
    provider: Literal["stand-in", "real"] = "stand-in"  # of Terraform: ours, or the one that `terraform init` downloads

    @property
    def port(self) -> int:
        """The server's port."""
        return int(self.url.rpartition(":")[2])

    @property
    def storage_port(self) -> int:
        """The port of all blob endpoints."""
        return int(self.storage_suffix.rpartition(":")[2])

    @property
    def blob_proxy(self) -> str:
        """A proxy that finds blob endpoints by their names."""
        return f"http://127.0.0.1:{self.storage_port}"

    @property
    def prices_url(self) -> str:
        """The retail price list."""
        return f"{self.url}/api/retail/prices"

    def terraform_environment(self) -> dict[str, str]:
        """The variables that point Terraform's azurerm provider here; ARM_CLIENT_SECRET is a secret."""
        return {
            "ARM_METADATA_HOSTNAME": self.url.removeprefix("https://"),
            "ARM_TENANT_ID": self.tenant,
            "ARM_SUBSCRIPTION_ID": self.subscription,
            "ARM_CLIENT_ID": self.client_id,
            "ARM_CLIENT_SECRET": self.client_secret,
            "SSL_CERT_FILE": self.ca_file,
            "GO_AZURE_SDK_SKIP_POLLING_DELAY": "true",
        }

    def ci_environment(self) -> dict[str, str]:
        """The variables by which a CI service offers a job its id tokens, and whom to sign in as."""
        return {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.url}/__emulator/id-token?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": self.control_token,
            "AZURE_TENANT_ID": self.tenant,
            "AZURE_SUBSCRIPTION_ID": self.subscription,
            "AZURE_CLIENT_ID": self.client_id,
        }


def read(folder: Path) -> ArmConnection:
    """The connection of the emulated Azure in `folder`. Raises UsageError when none was started there."""
    path = folder.resolve() / FOLDER / FILE
    try:
        return ArmConnection.model_validate_json(path.read_text())
    except FileNotFoundError:
        raise UsageError(
            f"No emulated Azure was started in {folder}.", suggestion="Start it: aerial-ops emulator start"
        ) from None
    except ValidationError as error:
        raise EmulatorError(f"{path} is damaged.", suggestion="Remove it and start again: aerial-ops emulator start") from error


def new_connection(folder: Path) -> ArmConnection:
    """Free ports and new secrets; what was there before stays: applications, and the port that is in accounts' addresses."""
    identity = ensure_identity(folder / FOLDER)
    port, kept = free_port(), _kept_suffix(folder / FOLDER)
    return ArmConnection(
        url=f"https://127.0.0.1:{port}",
        storage_suffix=kept or f"localhost:{free_port((port,))}",
        tenant=identity.tenant,
        subscription=identity.subscriptions[0],
        client_id=identity.client_id,
        client_secret=identity.client_secret,
        control_token=identity.control_token,
        ca_file=str(Certificates.within(folder).authority),
    )


def _kept_suffix(home: Path) -> str:
    if not (home / STATE).exists():
        return ""
    with closing(Store(home / STATE)) as store:
        return str(store.setting(SUFFIX) or "")


def write(home: Path, connection: ArmConnection) -> None:
    """Replace the file as a whole, mode 0600."""
    draft = home / f".{FILE}.{os.getpid()}"
    draft.touch(mode=0o600)
    draft.write_text(connection.model_dump_json(indent=2) + "\n")
    draft.replace(home / FILE)
