"""Azure itself: what `up` has made, or an existing storage account and HDInsight cluster named in the settings."""

import os
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aerial_ops.clouds.base import ArmEndpoint, ClusterEndpoint, StorageEndpoint
from aerial_ops.clouds.connection import FIRST, find_connection
from aerial_ops.clouds.federated import ci_credential
from aerial_ops.errors import UsageError
from aerial_ops.reporting import Reporter
from aerial_ops.settings import Settings

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

ARM_URL = "https://management.azure.com"
HDINSIGHT_PYTHON = "/usr/bin/miniforge/envs/py38/bin/python"  # the image's own, where nothing was installed
NODE_PYTHON = "/opt/aerial-ops/python/bin/python"  # where the bootstrap script has put the jobs' packages
PRICES_URL = "https://prices.azure.com/api/retail/prices"
SUBSCRIPTION_VARIABLES = ("AZURE_SUBSCRIPTION_ID", "ARM_SUBSCRIPTION_ID")
# Of SynapseML's dependencies, what Spark has in versions of its own.
_NOT_SYNAPSEML = (
    "org.scala-lang:scala-reflect",
    "org.apache.spark:spark-tags_2.12",
    "org.scalactic:scalactic_2.12",
    "org.scalatest:scalatest_2.12",
    "com.fasterxml.jackson.core:jackson-databind",
)
# What azure-identity signs in with, and what Terraform's provider calls the same thing.
_SAME = {
    "AZURE_TENANT_ID": "ARM_TENANT_ID",
    "AZURE_CLIENT_ID": "ARM_CLIENT_ID",
    "AZURE_CLIENT_SECRET": "ARM_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PATH": "ARM_CLIENT_CERTIFICATE_PATH",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD": "ARM_CLIENT_CERTIFICATE_PASSWORD",
}


class AzureCloud:
    """Public endpoints, public trust; sign-in by an account key or by whatever azure-identity finds."""

    name = "azure"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def storage(self) -> StorageEndpoint:
        """The environment's account, else the one named by `storage_account`."""
        settings = self._settings
        if settings.storage_account:
            url = f"https://{settings.storage_account}.blob.core.windows.net"
            return StorageEndpoint(settings.storage_account, url, settings.storage_key or self._credential)
        if there := find_connection(settings):
            return there.storage()
        raise UsageError(
            f"The environment {settings.environment!r} has no storage account, and none is named.",
            suggestion=f"{FIRST}\nOr name an existing one: AERIAL_OPS_STORAGE_ACCOUNT",
        )

    def cluster(self) -> ClusterEndpoint:
        """The environment's cluster, else the one named by `cluster`."""
        settings = self._settings
        if settings.cluster and settings.cluster_password is not None:
            url = f"https://{settings.cluster}.azurehdinsight.net/livy"
            return ClusterEndpoint(url=url, user=settings.cluster_user, password=settings.cluster_password)
        if settings.cluster:
            raise UsageError(
                f"The password of the cluster {settings.cluster} is not known.",
                suggestion="Set AERIAL_OPS_CLUSTER_PASSWORD in the environment.",
            )
        if there := find_connection(settings):
            # A job's second attempt would start from nothing while the first one's result stands: YARN makes one attempt.
            return replace(there.cluster(), conf={"spark.pyspark.python": NODE_PYTHON, "spark.yarn.maxAppAttempts": "1"})
        raise UsageError(
            f"The environment {settings.environment!r} has no cluster, and none is named.",
            suggestion=f"{FIRST}\nOr name an existing one: AERIAL_OPS_CLUSTER and AERIAL_OPS_CLUSTER_PASSWORD",
        )

    def synapseml_settings(self, *, python: bool) -> dict[str, str]:
        """SynapseML for Spark 3.3, which YARN's driver fetches; Spark's and Scala's own jars are left out.

        Raises UsageError when the settings do not name a repository that has it.
        """
        if not self._settings.synapseml_repository:
            raise UsageError(
                "SynapseML for Spark 3.3 is not on Maven Central, and no other repository is named.",
                suggestion="Name the one of SynapseML's installation page: AERIAL_OPS_SYNAPSEML_REPOSITORY",
            )
        return {
            "spark.jars.packages": "com.microsoft.azure:synapseml_2.12:0.11.4-spark3.3",
            "spark.jars.repositories": self._settings.synapseml_repository,
            "spark.jars.excludes": ",".join(_NOT_SYNAPSEML),
            "spark.yarn.user.classpath.first": "true",
            **({} if python else {"spark.pyspark.python": HDINSIGHT_PYTHON}),
        }

    def arm(self) -> ArmEndpoint:
        """Azure Resource Manager, signed in by a CI job's id token, else as azure-identity finds its way."""
        return ArmEndpoint(ARM_URL, f"{ARM_URL}/.default", self._subscription, self._credential)

    def terraform_environment(self) -> dict[str, str]:
        """The same sign-in for Terraform: its own ARM_* variables win, then azure-identity's, then the Azure CLI's."""
        given = {name: os.environ[old] for old, name in _SAME.items() if old in os.environ and name not in os.environ}
        values = {**given, "ARM_SUBSCRIPTION_ID": self._subscription}
        known = {**os.environ, **values}
        token = os.environ.get("AZURE_FEDERATED_TOKEN_FILE")
        if token and "ARM_OIDC_TOKEN_FILE_PATH" not in os.environ:
            values |= {"ARM_USE_OIDC": "true", "ARM_OIDC_TOKEN_FILE_PATH": token}
        elif "ACTIONS_ID_TOKEN_REQUEST_URL" in os.environ and "ARM_CLIENT_ID" in known and "ARM_CLIENT_SECRET" not in known:
            values["ARM_USE_OIDC"] = os.environ.get("ARM_USE_OIDC", "true")
        elif not {"ARM_CLIENT_SECRET", "ARM_CLIENT_CERTIFICATE_PATH", "ARM_USE_OIDC", "ARM_USE_MSI"} & set(known):
            values["ARM_USE_CLI"] = os.environ.get("ARM_USE_CLI", "true")
        return values

    def prices_url(self) -> str:
        """The public price list."""
        return PRICES_URL

    def trust(self) -> Path | None:
        """The public authorities."""
        return None

    def blob_transport(self) -> Any:
        """The SDK's own transport."""
        return None

    def open(self, report: Reporter) -> None:
        """Azure always answers."""

    def close(self, report: Reporter, *, erase: bool = False) -> None:
        """Nothing of it runs on this machine; what was named in the settings stays, and that is said."""
        settings = self._settings
        named = [name for name in (settings.storage_account, settings.cluster) if name]
        if erase and named:
            report.note(f"{' and '.join(named)} existed before this command and stay; a cluster costs money until it is deleted.")

    @cached_property
    def _credential(self) -> "TokenCredential":
        from azure.identity import DefaultAzureCredential

        return ci_credential() or DefaultAzureCredential()

    @cached_property
    def _subscription(self) -> str:
        for found in (self._settings.subscription, *(os.environ.get(name, "") for name in SUBSCRIPTION_VARIABLES), _of_cli()):
            if found:
                return found
        raise UsageError(
            "No Azure subscription is chosen.",
            suggestion="Sign in (az login), or name one: AERIAL_OPS_SUBSCRIPTION=ID",
        )


def _of_cli() -> str:
    """The subscription that the Azure CLI has chosen; empty when it is not there or not signed in."""
    import shutil
    import subprocess

    program = shutil.which("az")
    if program is None:
        return ""
    command = [program, "account", "show", "--query", "id", "--output", "tsv"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL)
    return done.stdout.strip() if done.returncode == 0 else ""
