"""Azure itself: an existing storage account and HDInsight cluster, named in the settings."""

from pathlib import Path
from typing import Any

from aerial_ops.clouds.base import ClusterEndpoint, StorageEndpoint
from aerial_ops.errors import UsageError
from aerial_ops.reporting import Reporter
from aerial_ops.settings import Settings


class AzureCloud:
    """Public endpoints, public trust; sign-in by an account key or by whatever azure-identity finds."""

    name = "azure"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def storage(self) -> StorageEndpoint:
        """The account named by `storage_account`."""
        settings = self._settings
        if not settings.storage_account:
            raise UsageError(
                "No storage account is named.",
                suggestion="Set storage_account in aerial-ops.toml or AERIAL_OPS_STORAGE_ACCOUNT.",
            )
        credential: Any = settings.storage_key
        if credential is None:
            from azure.identity import DefaultAzureCredential

            credential = DefaultAzureCredential()
        url = f"https://{settings.storage_account}.blob.core.windows.net"
        return StorageEndpoint(account=settings.storage_account, url=url, credential=credential)

    def cluster(self) -> ClusterEndpoint:
        """The cluster named by `cluster`."""
        settings = self._settings
        if not settings.cluster or settings.cluster_password is None:
            raise UsageError(
                "No cluster is named, or its password is not known.",
                suggestion="Set cluster in aerial-ops.toml and AERIAL_OPS_CLUSTER_PASSWORD in the environment.",
            )
        url = f"https://{settings.cluster}.azurehdinsight.net/livy"
        return ClusterEndpoint(url=url, user=settings.cluster_user, password=settings.cluster_password)

    def trust(self) -> Path | None:
        """The public authorities."""
        return None

    def blob_transport(self) -> Any:
        """The SDK's own transport."""
        return None

    def open(self, report: Reporter) -> None:
        """Check that an account is named; the first request tells the rest."""
        self.storage()

    def close(self, report: Reporter, *, erase: bool = False) -> None:
        """Account and cluster were there before `open`: they stay, and that is said."""
        if erase:
            names = f"storage account {self._settings.storage_account} and the cluster {self._settings.cluster}"
            report.note(f"The {names} were there before this command and stay; the cluster costs money until it is deleted.")
