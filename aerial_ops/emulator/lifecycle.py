"""Start, look at and stop the emulated cloud: Azurite, Livy and the gateway, three programs that outlive the command."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from aerial_ops.cache import locked
from aerial_ops.emulator import azurite, gateway, livy
from aerial_ops.emulator.certificates import Certificates, ensure_certificates
from aerial_ops.emulator.connection import FILE, Connection, read_connection, write_connection
from aerial_ops.emulator.jars import ensure_jars
from aerial_ops.emulator.ports import free_port, is_free
from aerial_ops.emulator.processes import Service, Slot, stop_all
from aerial_ops.emulator.toolchain import find_java
from aerial_ops.errors import UsageError
from aerial_ops.reporting import SILENT, Reporter

ACCOUNT = "aerialops"
USER = "admin"
NAMES = (azurite.NAME, livy.NAME, gateway.NAME)
START_SECONDS = 120.0
DATA = "azurite"

State = Literal["running", "not answering", "stopped"]


@dataclass(frozen=True)
class ServiceStatus:
    """One of the emulator's programs; `pid` and `port` are None when it does not run."""

    name: str
    state: State
    pid: int | None
    port: int | None
    log: Path

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"name": self.name, "state": self.state, "pid": self.pid, "port": self.port, "log": str(self.log)}


@dataclass(frozen=True)
class Status:
    """The emulator in `folder`; `blob_url` and `livy_url` are empty when none was started there."""

    folder: Path
    services: tuple[ServiceStatus, ...]
    blob_url: str = ""
    livy_url: str = ""

    @property
    def connection_file(self) -> Path:
        """The file with addresses and secrets."""
        return self.folder / FILE

    @property
    def running(self) -> bool:
        """Whether everything runs and answers."""
        return all(service.state == "running" for service in self.services)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready; without secrets."""
        return {
            "running": self.running,
            "folder": str(self.folder),
            "connection_file": str(self.connection_file) if self.blob_url else None,
            "blob_url": self.blob_url or None,
            "livy_url": self.livy_url or None,
            "services": [service.as_dict() for service in self.services],
        }


def start(folder: Path, report: Reporter = SILENT) -> Connection:
    """Start what does not run yet, and wait until everything answers.

    Raises ToolError without Java or Node, UsageError for a folder that Java cannot use, and EmulatorError, with the end of the
    log, when a program does not come up; what this call started is then stopped again.
    """
    folder = folder.resolve()
    _check_name(folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with locked(folder):
        connection, certificates = _prepare(folder, report)
        missing = [name for name in NAMES if not _is_up(folder, name, connection, certificates)]
        if missing:
            connection = _with_free_ports(folder, connection, missing, report)
            _start(folder, missing, connection, certificates, report)
    return connection


def stop(folder: Path, report: Reporter = SILENT) -> None:
    """Stop the emulator in `folder` and everything it started; its data stays. Nothing happens when it does not run."""
    folder = folder.resolve()
    if not folder.is_dir():
        return
    with locked(folder):
        _stop(folder, report)


def status(folder: Path) -> Status:
    """What runs and answers in `folder`. Raises EmulatorError when connection.json is damaged."""
    folder = folder.resolve()
    try:
        connection = read_connection(folder)
    except UsageError:
        return Status(folder, tuple(_status(folder, name, None) for name in NAMES))
    services = tuple(_status(folder, name, connection) for name in NAMES)
    return Status(folder, services, connection.blob_url, connection.livy_url)


def _status(folder: Path, name: str, connection: Connection | None) -> ServiceStatus:
    slot = Slot(folder, name)
    process = slot.process()
    if process is None or connection is None:
        return ServiceStatus(name, "stopped", None, None, slot.log)
    answers = _checks(connection, Certificates.within(folder))[name]()
    return ServiceStatus(name, "running" if answers else "not answering", process.pid, _port(connection, name), slot.log)


def _prepare(folder: Path, report: Reporter) -> tuple[Connection, Certificates]:
    """The connection and the certificates; what runs with older ones is stopped."""
    certificates, renewed = ensure_certificates(folder, ACCOUNT)
    if not renewed and (folder / FILE).exists():
        return read_connection(folder), certificates
    _stop(folder, report)
    connection = read_connection(folder) if (folder / FILE).exists() else _new_connection(certificates)
    write_connection(folder, connection)
    return connection, certificates


def _new_connection(certificates: Certificates) -> Connection:
    blob = free_port()
    livy_port = free_port((blob,))
    return Connection(
        account=ACCOUNT,
        key=azurite.new_key(),
        blob_url=_blob_url(blob),
        livy_url=_livy_url(free_port((blob, livy_port))),
        livy_user=USER,
        livy_password=secrets.token_urlsafe(24),
        ca_file=str(certificates.authority),
        livy_port=livy_port,
    )


def _is_up(folder: Path, name: str, connection: Connection, certificates: Certificates) -> bool:
    return Slot(folder, name).process() is not None and _checks(connection, certificates)[name]()


def _with_free_ports(folder: Path, connection: Connection, missing: list[str], report: Reporter) -> Connection:
    """The connection, with new ports for programs whose remembered port someone else has taken."""
    changed = connection
    for name in missing:
        Slot(folder, name).stop()  # not answering, or orphans of one that was killed: it begins anew
        port = _port(changed, name)
        if is_free(port):
            continue
        new = free_port(tuple(_port(changed, other) for other in NAMES))
        report.note(f"Port {port} is taken by another program: {name} moves to {new}.")
        changed = _moved(changed, name, new)
    if changed != connection:
        write_connection(folder, changed)
    return changed


def _start(folder: Path, names: list[str], connection: Connection, certificates: Certificates, report: Reporter) -> None:
    services = [_service(folder, name, connection, certificates, report) for name in names]
    try:
        with report.task("Start the emulated cloud", len(services), "programs") as task:
            for service in services:
                Slot(folder, service.name).spawn(service)
            for service in services:
                Slot(folder, service.name).wait_ready(service, START_SECONDS)
                task.advance()
    except BaseException:
        for service in services:
            Slot(folder, service.name).stop()
        raise


def _service(folder: Path, name: str, connection: Connection, certificates: Certificates, report: Reporter) -> Service:
    account = azurite.Account(connection.account, connection.key, _port(connection, azurite.NAME), certificates)
    if name == azurite.NAME:
        location = folder / DATA
        location.mkdir(exist_ok=True)
        return azurite.service(azurite.ensure_azurite(report), account, location)
    if name == gateway.NAME:
        return gateway.service(folder, _port(connection, name), connection, certificates)
    java = find_java()
    jars = ensure_jars(java, report)
    livy.clear_temporary(folder)
    livy.configure(folder, connection.livy_port, account, certificates, jars)
    return livy.service(folder, connection.livy_port, java, jars, certificates)


def _stop(folder: Path, report: Reporter) -> None:
    """Livy and its jobs first, so that what they still write finds the storage there; then the storage."""
    jobs, storage = stop_all(Slot(folder, gateway.NAME), Slot(folder, livy.NAME)), Slot(folder, azurite.NAME).stop()
    if jobs + storage:
        report.note(f"The emulated cloud is stopped; its data stays in {folder}.")


def _checks(connection: Connection, certificates: Certificates) -> dict[str, Callable[[], bool]]:
    account = azurite.Account(connection.account, connection.key, _port(connection, azurite.NAME), certificates)
    return {
        azurite.NAME: lambda: azurite.answers(account),
        livy.NAME: lambda: livy.answers(connection.livy_port),
        gateway.NAME: lambda: gateway.answers(_port(connection, gateway.NAME), connection, certificates),
    }


def _port(connection: Connection, name: str) -> int:
    urls = {azurite.NAME: connection.blob_url, gateway.NAME: connection.livy_url}
    return urlsplit(urls[name]).port or 0 if name in urls else connection.livy_port


def _moved(connection: Connection, name: str, port: int) -> Connection:
    field: dict[str, dict[str, str | int]] = {
        azurite.NAME: {"blob_url": _blob_url(port)},
        livy.NAME: {"livy_port": port},
        gateway.NAME: {"livy_url": _livy_url(port)},
    }
    return connection.model_copy(update=field[name])


def _blob_url(port: int) -> str:
    return f"https://{ACCOUNT}.blob.localhost:{port}"


def _livy_url(port: int) -> str:
    return f"https://localhost:{port}/livy"


def _check_name(folder: Path) -> None:
    unfit = sorted(set(str(folder)) & set(livy.UNFIT_FOR_JAVA))
    if unfit:
        raise UsageError(
            f"The emulator cannot work in {folder}: Java's paths cannot hold {' '.join(map(repr, unfit))}.",
            suggestion="Choose another folder with --home.",
        )
