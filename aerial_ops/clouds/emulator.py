"""The emulated cloud on this machine; `aerial_ops.emulator` runs it."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aerial_ops.clouds.base import ArmEndpoint, ClusterEndpoint, StorageEndpoint
from aerial_ops.clouds.connection import FIRST, EnvironmentConnection, find_connection, folder_of, keep_connection
from aerial_ops.emulator.certificates import Certificates
from aerial_ops.errors import UsageError
from aerial_ops.reporting import Reporter
from aerial_ops.settings import Settings

if TYPE_CHECKING:
    from aerial_ops.emulator.arm.addresses import ArmConnection


class EmulatorCloud:
    """Endpoints on 127.0.0.1, signed by the emulator's own authority."""

    name = "emulator"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = (settings.home / "emulator").resolve()

    def storage(self) -> StorageEndpoint:
        """The environment's storage account."""
        return self._environment().storage()

    def cluster(self) -> ClusterEndpoint:
        """The environment's cluster: as many nodes as were ordered, on the cores of this machine."""
        from aerial_ops.emulator.livy import cores

        return replace(self._environment().cluster(), cores=cores())

    def synapseml_settings(self, *, python: bool) -> dict[str, str]:
        """SynapseML's jars, out of the cache of big downloads. Raises UsageError when they are not there."""
        from aerial_ops.emulator.jars import SYNAPSEML, complete, jars_folder, locked_jars

        folder = jars_folder(SYNAPSEML)
        if not complete(folder, SYNAPSEML):
            raise UsageError(
                "SynapseML is not on this machine; the engine synapseml and the classifier lightgbm need it.",
                suggestion="Fetch it, once (200 MB): aerial-ops emulator fetch synapseml",
            )
        return {"spark.jars": ",".join(f"local:{folder / jar.file}" for jar in locked_jars(SYNAPSEML))}

    def arm(self) -> ArmEndpoint:
        """The emulated Resource Manager, signed in as its first application."""
        from azure.identity import ClientSecretCredential

        there = self._arm()
        credential = ClientSecretCredential(
            there.tenant,
            there.client_id,
            there.client_secret,
            authority=there.url,
            disable_instance_discovery=True,
            connection_verify=there.ca_file,
        )
        return ArmEndpoint(there.url, f"{there.url}/.default", there.subscription, credential, Path(there.ca_file))

    def terraform_environment(self) -> dict[str, str]:
        """The emulated sign-in, and the azurerm provider: the stand-in's mirror, or the trust to download the real one too.

        With the stand-in a state that is kept in an account of the emulator is found without any resolver.
        """
        from aerial_ops.emulator.azurerm.mirror import write_bundle, write_mirror

        there, folder = self._arm(), self._folder / "terraform"
        if there.provider == "real":
            return {**there.terraform_environment(), "SSL_CERT_FILE": str(write_bundle(folder, Path(there.ca_file)))}
        names = {"HTTPS_PROXY": there.blob_proxy, "NO_PROXY": "127.0.0.1"} if self._settings.backend else {}
        return {**there.terraform_environment(), **names, "TF_CLI_CONFIG_FILE": str(write_mirror(folder))}

    def prices_url(self) -> str:
        """The emulator's dated sample of Azure's price list."""
        return self._arm().prices_url

    def trust(self) -> Path | None:
        """The emulator's own authority."""
        return Certificates.within(self._folder).authority

    def blob_transport(self) -> Any:
        """A transport that finds ACCOUNT.blob.localhost on 127.0.0.1, as RFC 6761 says of .localhost names."""
        from aerial_ops.clouds.loopback import loopback_transport

        return loopback_transport(self.trust())

    def open(self, report: Reporter) -> None:
        """Start what does not run."""
        from aerial_ops.emulator.arm.lifecycle import start

        start(self._folder, report=report)

    def close(self, report: Reporter, *, erase: bool = False) -> None:
        """Stop it; its data stays unless `erase` is asked for."""
        from aerial_ops.emulator.arm.lifecycle import stop

        stop(self._folder, report=report)
        if erase and self._folder.exists():
            shutil.rmtree(self._folder)
            keep_connection(folder_of(self._settings), None)
            report.note("Its data was erased.")

    def _environment(self) -> EnvironmentConnection:
        there = find_connection(self._settings)
        if there is None:
            raise UsageError(f"The environment {self._settings.environment!r} has no storage account.", suggestion=FIRST)
        return there

    def _arm(self) -> "ArmConnection":
        from aerial_ops.emulator.arm.addresses import read

        return read(self._folder)
