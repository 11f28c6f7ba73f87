"""The emulated cloud on this machine; `aerial_ops.emulator` runs it."""

import shutil
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from aerial_ops.clouds.base import ClusterEndpoint, StorageEndpoint
from aerial_ops.emulator.connection import Connection, read_connection
from aerial_ops.reporting import Reporter
from aerial_ops.settings import Settings


class EmulatorCloud:
    """Endpoints on 127.0.0.1, signed by the emulator's own authority."""

    name = "emulator"

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.home / "emulator"

    def storage(self) -> StorageEndpoint:
        """The emulator's storage account."""
        there = self._connection()
        return StorageEndpoint(account=there.account, url=there.blob_url, credential=SecretStr(there.key))

    def cluster(self) -> ClusterEndpoint:
        """The emulator's Livy gateway."""
        there = self._connection()
        return ClusterEndpoint(url=there.livy_url, user=there.livy_user, password=SecretStr(there.livy_password))

    def trust(self) -> Path | None:
        """The emulator's own authority."""
        return Path(self._connection().ca_file)

    def blob_transport(self) -> Any:
        """A transport that finds ACCOUNT.blob.localhost on 127.0.0.1, as RFC 6761 says of .localhost names."""
        from aerial_ops.clouds.loopback import loopback_transport

        return loopback_transport(self.trust())

    def open(self, report: Reporter) -> None:
        """Start what does not run."""
        from aerial_ops.emulator.lifecycle import start

        start(self._folder, report=report)

    def close(self, report: Reporter, *, erase: bool = False) -> None:
        """Stop it; its data stays unless `erase` is asked for."""
        from aerial_ops.emulator.lifecycle import stop

        stop(self._folder, report=report)
        if erase and self._folder.exists():
            shutil.rmtree(self._folder)

    def _connection(self) -> Connection:
        return read_connection(self._folder)
