"""A blob service for tests: one Azurite, and containers in it."""

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient

ACCOUNT = "devstoreaccount1"
START_SECONDS = 120.0


class AzuriteServer:
    """One Azurite over plain http on 127.0.0.1, with a random account key and its data below `location`.

    It ends with the process that started it, however that dies. The data stays from start to start. Without `access_log` its
    log has no line for each request, as with the emulator's.
    """

    def __init__(self, location: Path, port: int = 0, access_log: bool = True) -> None:
        from aerial_ops.emulator import azurite
        from aerial_ops.emulator.ports import free_port
        from aerial_ops.emulator.processes import Slot

        self.location = location.resolve()
        self._access_log = access_log
        self._account = azurite.Account(ACCOUNT, azurite.new_key(), port or free_port())
        self._slot = Slot(self.location, azurite.NAME)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def account(self) -> str:
        """The storage account's name."""
        return self._account.name

    @property
    def key(self) -> str:
        """The account's key, base64."""
        return self._account.key

    @property
    def port(self) -> int:
        """The port on 127.0.0.1; it stays the same from start to start."""
        return self._account.port

    @property
    def url(self) -> str:
        """The blob endpoint, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}/{self.account}"

    @property
    def connection_string(self) -> str:
        """What `BlobServiceClient.from_connection_string` takes."""
        return f"DefaultEndpointsProtocol=http;AccountName={self.account};AccountKey={self.key};BlobEndpoint={self.url};"

    @property
    def spark_host(self) -> str:
        """Host and port as Spark's wasb:// addresses name them."""
        return self._account.host

    @property
    def log(self) -> Path:
        """Azurite's output: a line for every request, unless it was to go without."""
        return self._slot.log

    @property
    def running(self) -> bool:
        """Whether the server runs."""
        return self._slot.process() is not None

    def start(self) -> None:
        """Start it and wait until it answers; nothing happens when it runs. Raises EmulatorError with the end of its log."""
        from aerial_ops.emulator import azurite
        from aerial_ops.errors import EmulatorError
        from aerial_ops.reporting import SILENT

        if self.running:
            if self._process is None:
                raise EmulatorError(f"Another Azurite runs in {self.location}.", suggestion="Choose another location.")
            return
        self._forget()
        data = self.location / "data"
        data.mkdir(parents=True, exist_ok=True)
        program = azurite.ensure_azurite(SILENT)
        service = azurite.service(program, self._account, data, with_parent=True, access_log=self._access_log)
        self._process = self._slot.spawn(service)
        try:
            self._slot.wait_ready(service.title, service.port, service.answers, START_SECONDS)
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Stop it as its operator would; the data stays."""
        self._slot.stop()
        self._forget()

    def kill(self) -> None:
        """Stop it as a crash would (SIGKILL): requests under way fail, and up to five seconds of writes may be lost."""
        self._slot.kill()
        self._forget()

    def restart(self) -> None:
        """Stop and start; the data stays."""
        self.stop()
        self.start()

    def spark_conf(self) -> dict[str, str]:
        """The settings with which a Spark of PySpark reads and writes wasb:// addresses of this server.

        Fetches Hadoop's WASB jars once. The JVM then resolves no other host names than this server's and this machine's.
        """
        from aerial_ops.emulator import livy
        from aerial_ops.emulator.jars import ensure_jars
        from aerial_ops.emulator.toolchain import find_java
        from aerial_ops.reporting import SILENT

        jars = ensure_jars(find_java(), SILENT)
        hosts = livy.write_hosts(self.location / "hosts", self._account)
        return livy.spark_settings(self._account, jars, hosts, None)

    def _forget(self) -> None:
        if self._process is not None:
            if self._process.stdin:
                self._process.stdin.close()
            self._process.wait()
            self._process = None


class AzuriteContainer:
    """A container in an AzuriteServer."""

    def __init__(self, server: AzuriteServer, name: str) -> None:
        self.server = server
        self.name = name

    @property
    def url(self) -> str:
        """The container's address."""
        return f"{self.server.url}/{self.name}"

    @property
    def spark_url(self) -> str:
        """The container's address for Spark, without a trailing slash."""
        return f"wasb://{self.name}@{self.server.spark_host}"

    @property
    def client(self) -> "ContainerClient":
        """A client of the Azure SDK, signed in with the account key."""
        from azure.storage.blob import ContainerClient

        return ContainerClient.from_connection_string(self.server.connection_string, self.name)
