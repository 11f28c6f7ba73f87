"""Start, look at and stop the emulated Azure of a folder: its server, the router of its blob endpoints, and what they run."""

import contextlib
import os
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from aerial_ops.cache import locked
from aerial_ops.emulator import livy
from aerial_ops.emulator.arm.identity import ensure_identity
from aerial_ops.emulator.arm.machines import ROUTES, account_slots, cluster_slots
from aerial_ops.emulator.arm.programs import Program, ProgramStatus, programs_behind
from aerial_ops.emulator.azurite import ensure_azurite
from aerial_ops.emulator.certificates import Certificates, ensure_certificates
from aerial_ops.emulator.jars import ensure_jars
from aerial_ops.emulator.ports import free_port, frees_up
from aerial_ops.emulator.processes import Service, Slot, stop_all
from aerial_ops.emulator.toolchain import find_java
from aerial_ops.errors import EmulatorError, UsageError
from aerial_ops.reporting import SILENT, Reporter

FOLDER, FILE = "arm", "azure.json"
SERVER, ROUTER = "arm", "storage-router"
START_SECONDS = 60.0
PATIENCE_SECONDS = 10.0
RECOVER_SECONDS = 300.0
PACE = 600.0  # at first: a cluster that takes Azure 20 minutes is there in seconds
# Chosen when the certificates were made for the emulator's own account; every account is covered by *.blob.localhost besides.
ANY_ACCOUNT = "aerialops"


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

    @property
    def port(self) -> int:
        """The server's port."""
        return int(self.url.rpartition(":")[2])

    @property
    def storage_port(self) -> int:
        """The port of all blob endpoints."""
        return int(self.storage_suffix.rpartition(":")[2])

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


@dataclass(frozen=True)
class Status:
    """The emulated Azure in `folder`; `connection` is None when none was started there."""

    folder: Path
    connection: ArmConnection | None
    programs: tuple[ProgramStatus, ...]

    @property
    def connection_file(self) -> Path:
        """The file with addresses and secrets."""
        return self.folder / FOLDER / FILE

    @property
    def running(self) -> bool:
        """Whether everything runs and answers."""
        return all(program.state == "running" for program in self.programs)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready; without secrets."""
        there = self.connection
        return {
            "running": self.running,
            "folder": str(self.folder),
            "connection_file": str(self.connection_file) if there else None,
            "url": there.url if there else None,
            "speed": there.speed if there else None,
            "pace": there.pace if there else None,
            "cores": there.cores if there else None,
            "programs": [program.as_dict() for program in self.programs],
        }


def start(
    folder: Path,
    *,
    speed: float | None = None,
    pace: float | None = None,
    cores: int | None = None,
    backends: Literal["real", "record"] | None = None,
    report: Reporter = SILENT,
) -> ArmConnection:
    """Have the emulated Azure of the emulator in `folder` answer, and everything that exists in it run.

    What is not given stays as it was at the last start. A server that runs with other values is started again; what it runs
    (Azurites, Livys) goes on. Raises UsageError for a folder that Java cannot use, ToolError without Java or Node, before
    anything is started; EmulatorError, with the end of the log, when a program does not come up: what serves the whole
    emulator is then stopped again, if this call has started it.
    """
    folder = folder.resolve()
    _check_name(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    home = folder / FOLDER
    home.mkdir(exist_ok=True, mode=0o700)
    with locked(home):
        certificates, renewed = ensure_certificates(folder, ANY_ACCOUNT)
        old = read(folder) if (home / FILE).exists() else None
        wanted = {"speed": speed, "pace": pace, "cores": cores, "backends": backends}
        given = {name: value for name, value in wanted.items() if value is not None}
        connection = (old or _new(folder)).model_copy(update={**given, "ca_file": str(certificates.authority)})
        if connection.backends == "real" and (connection != old or Slot(home, SERVER).process() is None):
            _install(report)
        if renewed:
            _stop(home)  # what runs shows the old certificate
        elif connection != old:
            Slot(home, SERVER).stop()
        connection = _with_free_ports(home, connection, report)
        _write(home, connection)
        if _start_missing(home, connection, report) or not all(
            each.status().state == "running" for each in _all(home, connection)
        ):
            with report.task("Have what exists in the emulated Azure run"):
                _bring_back(home, connection)
    return connection


def stop(folder: Path, report: Reporter = SILENT) -> int:
    """Stop the emulated Azure and all that runs behind it; what exists in it stays. Gives how many processes were ended."""
    home = folder.resolve() / FOLDER
    if not home.is_dir():
        return 0
    with locked(home):
        ended = _stop(home)
    if ended:
        report.note(f"The emulated Azure is stopped; what exists in it stays in {home}.")
    return ended


def status(folder: Path) -> Status:
    """What runs and answers in `folder`. Raises EmulatorError when one of its files is damaged."""
    folder = folder.resolve()
    home = folder / FOLDER
    if not (home / FILE).exists():
        stopped = tuple(ProgramStatus(name, "", "stopped", None, None, Slot(home, name).log) for name in (SERVER, ROUTER))
        return Status(folder, None, stopped)
    connection = read(folder)
    return Status(folder, connection, tuple(each.status() for each in _all(home, connection)))


def running(folder: Path) -> bool:
    """Whether the server of `folder` runs and answers."""
    home = folder.resolve() / FOLDER
    return (home / FILE).exists() and Slot(home, SERVER).process() is not None and _server(home, read(folder)).answers()


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


def _new(folder: Path) -> ArmConnection:
    identity = ensure_identity(folder / FOLDER)
    port = free_port()
    return ArmConnection(
        url=f"https://127.0.0.1:{port}",
        storage_suffix=f"localhost:{free_port((port,))}",
        tenant=identity.tenant,
        subscription=identity.subscriptions[0],
        client_id=identity.client_id,
        client_secret=identity.client_secret,
        control_token=identity.control_token,
        ca_file=str(Certificates.within(folder).authority),
    )


def _with_free_ports(home: Path, connection: ArmConnection, report: Reporter) -> ArmConnection:
    """Another port for the server when somebody has taken its own; the storage port stays: addresses of accounts hold it."""
    storage = connection.storage_port
    if connection.backends == "real" and Slot(home, ROUTER).process() is None and not frees_up(storage):
        raise EmulatorError(
            f"Another program has taken port {storage}, which is part of the storage accounts' addresses.",
            suggestion="End that program, then: aerial-ops emulator start",
        )
    if Slot(home, SERVER).process() is None and not frees_up(connection.port):
        port = free_port((storage,))
        report.note(f"Port {connection.port} is taken by another program: the emulated Azure moves to {port}.")
        return connection.model_copy(update={"url": f"https://127.0.0.1:{port}"})
    return connection


def _install(report: Reporter) -> None:
    """Find Java and Node, and fetch what they run, so that no operation of the emulated Azure has to."""
    java = find_java()
    ensure_azurite(report)
    ensure_jars(java, report)


def _services(home: Path, connection: ArmConnection) -> list[Service]:
    """What serves the whole emulated Azure."""
    return [_server(home, connection)] + ([_router(home, connection)] if connection.backends == "real" else [])


def _all(home: Path, connection: ArmConnection) -> list[Program]:
    serving = [Program.of_service(home, service) for service in _services(home, connection)]
    return serving + programs_behind(home, Certificates.within(home.parent))


def _start_missing(home: Path, connection: ArmConnection, report: Reporter) -> bool:
    """Start what serves the whole emulated Azure and does not run or answer; whether there was any such thing."""
    missing = [service for service in _services(home, connection) if not _is_up(Slot(home, service.name), service)]
    if not missing:
        return False
    slots = [Slot(home, service.name) for service in missing]
    stop_all(*slots)  # what an earlier one has left
    try:
        with report.task("Start the emulated Azure", len(missing), "programs") as task:
            for slot, service in zip(slots, missing, strict=True):
                slot.spawn(service)
            for slot, service in zip(slots, missing, strict=True):
                slot.wait_ready(service.title, service.port, service.answers, START_SECONDS)
                task.advance()
    except BaseException:
        stop_all(*slots)
        raise
    return True


def _is_up(slot: Slot, service: Service) -> bool:
    """Whether it runs, and answers before long: the machine may be busy."""
    if slot.process() is None:
        return False
    with contextlib.suppress(EmulatorError):
        slot.wait_ready(service.title, service.port, service.answers, PATIENCE_SECONDS)
        return True
    return False


def _bring_back(home: Path, connection: ArmConnection) -> None:
    """Wait until every blob service and job server that should run does."""
    import httpx

    trust, log = ssl.create_default_context(cafile=connection.ca_file), Slot(home, SERVER).log
    try:
        with httpx.Client(verify=trust, trust_env=False, timeout=RECOVER_SECONDS) as client:
            token = {"Authorization": f"Bearer {connection.control_token}"}
            answer = client.post(f"{connection.url}/__emulator/recover", headers=token).raise_for_status().json()
    except httpx.HTTPError as error:
        message = f"The emulated Azure did not say whether everything in it runs again: {error}"
        raise EmulatorError(message, suggestion=f"Its log is {log}.") from error
    if failed := answer["failed"]:
        raise EmulatorError("\n".join(failed.values()), left="The rest runs.", suggestion="Again: aerial-ops emulator start")


def _stop(home: Path) -> int:
    """The server first, so that it starts nothing any more; Livy and its jobs before the storage that they may still write to."""
    ended = Slot(home, SERVER).stop()
    ended += stop_all(*cluster_slots(home))
    return ended + stop_all(Slot(home, ROUTER), *account_slots(home))


def _check_name(folder: Path) -> None:
    unfit = sorted(set(str(folder)) & set(livy.UNFIT_FOR_JAVA))
    if unfit:
        raise UsageError(
            f"The emulator cannot work in {folder}: Java's paths cannot hold {' '.join(map(repr, unfit))}.",
            suggestion="Choose another folder with --home.",
        )


def _server(home: Path, connection: ArmConnection) -> Service:
    command = [sys.executable, "-P", "-m", "aerial_ops.emulator.arm", "--folder", str(home), "--port", str(connection.port)]
    command += ["--storage-port", str(connection.storage_port), "--pace", str(connection.pace)]
    command += ["--cores", str(connection.cores), "--backends", connection.backends]
    command += ["--speed", str(connection.speed)] if connection.speed is not None else []

    def answers() -> bool:
        import httpx

        trust = ssl.create_default_context(cafile=connection.ca_file)
        try:
            with httpx.Client(verify=trust, trust_env=False, timeout=5) as client:
                answer = client.get(f"{connection.url}/__emulator/health")
                return answer.status_code == 200 and answer.json().get("status") == "ok"
        except (httpx.HTTPError, OSError, ValueError):
            return False

    return Service(SERVER, "The emulated Azure Resource Manager", connection.port, command, _environment(), answers)


def _router(home: Path, connection: ArmConnection) -> Service:
    command = [sys.executable, "-P", "-m", "aerial_ops.emulator.arm.router", str(connection.storage_port), str(home / ROUTES)]

    def answers() -> bool:
        import socket

        try:
            with socket.create_connection(("127.0.0.1", connection.storage_port), timeout=5):
                return True
        except OSError:
            return False

    return Service(ROUTER, "The router of blob endpoints", connection.storage_port, command, _environment(), answers)


def _environment() -> dict[str, str]:
    kept = ("AERIAL_OPS_CACHE",)
    return {
        name: value
        for name, value in os.environ.items()
        if name in kept or not name.startswith(("AERIAL_OPS_", "AZURE_", "ARM_"))
    }


def _write(home: Path, connection: ArmConnection) -> None:
    draft = home / f".{FILE}.{os.getpid()}"
    draft.touch(mode=0o600)
    draft.write_text(connection.model_dump_json(indent=2) + "\n")
    draft.replace(home / FILE)
