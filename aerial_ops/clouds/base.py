"""What a cloud tells the rest of the kit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from pydantic import SecretStr

from aerial_ops.reporting import Reporter

if TYPE_CHECKING:
    from azure.core.credentials import AzureSasCredential, TokenCredential


@dataclass(frozen=True)
class StorageEndpoint:
    """A storage account: `url` is its blob endpoint without a trailing slash, for example https://NAME.blob.core.windows.net."""

    account: str
    url: str
    credential: "SecretStr | TokenCredential | AzureSasCredential"

    def wasb_url(self, container: str, path: str = "") -> str:
        """The address by which Spark reads `path`: wasbs://CONTAINER@HOST/PATH."""
        return f"wasbs://{container}@{urlsplit(self.url).netloc}/{path}"


@dataclass(frozen=True)
class ClusterEndpoint:
    """A Spark cluster's Livy API: `url` ends in /livy, without a trailing slash. `conf` is Spark's for every job there.

    `usd_per_hour` is what the cluster costs, None when that is not known; so are `workers` and `worker_size`, its worker nodes.
    `cores` is what its jobs really share where that is less than its nodes have by their size; None where they have it.
    """

    url: str
    user: str
    password: SecretStr
    conf: Mapping[str, str] = field(default_factory=dict)
    usd_per_hour: float | None = None
    workers: int | None = None
    worker_size: str | None = None
    cores: int | None = None


@dataclass(frozen=True)
class ArmEndpoint:
    """Azure Resource Manager: `url` without a trailing slash, `scope` for tokens, `trust` a PEM file or None for public trust."""

    url: str
    scope: str
    subscription: str
    credential: "TokenCredential"
    trust: Path | None = None


class Cloud(Protocol):
    """Endpoints, credential and trust of one cloud."""

    name: str

    def storage(self) -> StorageEndpoint:
        """The storage account in use. Raises UsageError when there is none."""

    def cluster(self) -> ClusterEndpoint:
        """The Spark cluster in use. Raises UsageError when there is none."""

    def synapseml_settings(self, *, python: bool) -> dict[str, str]:
        """Spark's settings by which a job has SynapseML; its nodes have the jobs' Python packages, or without `python` none.

        Raises UsageError, with the next command, when SynapseML cannot be had.
        """

    def arm(self) -> ArmEndpoint:
        """Azure Resource Manager and the subscription in use. Raises UsageError when none is chosen."""

    def terraform_environment(self) -> dict[str, str]:
        """Variables by which Terraform and its azurerm provider sign in and trust; some are secrets."""

    def prices_url(self) -> str:
        """Azure's retail price list."""

    def trust(self) -> Path | None:
        """A PEM file of the authorities to trust; None for the public ones."""

    def blob_transport(self) -> Any:
        """An azure-core transport for the blob client; None for the SDK's own."""

    def open(self, report: Reporter) -> None:
        """Make sure that the cloud answers."""

    def close(self, report: Reporter, *, erase: bool = False) -> None:
        """Leave: nothing runs on this machine afterwards; with `erase`, what `open` made is removed too."""
