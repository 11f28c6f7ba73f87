"""Start, look at and stop the emulated cloud: Azurite, Livy and the gateway, three programs that outlive the command."""

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from aerial_ops.cache import locked
from aerial_ops.emulator import azurite, gateway, livy
from aerial_ops.emulator.certificates import Certificates, ensure_certificates
from aerial_ops.emulator.connection import FILE, Connection, read_connection, write_connection
from aerial_ops.emulator.ports import free_port, frees_up
from aerial_ops.emulator.processes import Slot, stop_all
from aerial_ops.emulator.services import ACCOUNT, NAMES, check_of, configure_livy, moved, new_connection, port_of, service_of
from aerial_ops.errors import EmulatorError, UsageError
from aerial_ops.reporting import SILENT, Reporter

START_SECONDS = 120.0
PATIENCE_SECONDS = 20.0  # for a program that runs and does not answer: the machine may be busy, and jobs may depend on it

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
            connection = _make_room(folder, missing, connection, certificates, report)
            _start(folder, missing, connection, certificates, report)
    return connection


def stop(folder: Path, report: Reporter = SILENT) -> None:
    """Stop the emulator in `folder` and everything it started; its data stays. Nothing happens when it does not run."""
    folder = folder.resolve()
    if not folder.is_dir():
        return
    from aerial_ops.emulator.arm import lifecycle as azure

    with locked(folder):
        _stop(folder, report)
    azure.stop(folder, report)


def status(folder: Path) -> Status:
    """What runs and answers in `folder`. Raises EmulatorError when connection.json is damaged."""
    folder = folder.resolve()
    if not (folder / FILE).exists():
        return Status(folder, tuple(ServiceStatus(name, "stopped", None, None, Slot(folder, name).log) for name in NAMES))
    connection = read_connection(folder)
    services = tuple(_status(folder, name, connection) for name in NAMES)
    return Status(folder, services, connection.blob_url, connection.livy_url)


def _status(folder: Path, name: str, connection: Connection) -> ServiceStatus:
    slot = Slot(folder, name)
    process = slot.process()
    if process is None:
        return ServiceStatus(name, "stopped", None, None, slot.log)
    answers = check_of(name, connection, Certificates.within(folder))()
    return ServiceStatus(name, "running" if answers else "not answering", process.pid, port_of(connection, name), slot.log)


def _prepare(folder: Path, report: Reporter) -> tuple[Connection, Certificates]:
    """The connection and the certificates; what runs with older ones is stopped."""
    known = read_connection(folder) if (folder / FILE).exists() else None
    certificates, renewed = ensure_certificates(folder, ACCOUNT)
    if known and not renewed and known.ca_file == str(certificates.authority):
        return known, certificates
    _stop(folder, report)
    connection = known.model_copy(update={"ca_file": str(certificates.authority)}) if known else new_connection(certificates)
    write_connection(folder, connection)
    return connection, certificates


def _is_up(folder: Path, name: str, connection: Connection, certificates: Certificates) -> bool:
    slot = Slot(folder, name)
    if slot.process() is None:
        return False
    with contextlib.suppress(EmulatorError):
        slot.wait_ready(name, port_of(connection, name), check_of(name, connection, certificates), PATIENCE_SECONDS)
        return True
    return False


def _make_room(
    folder: Path, missing: list[str], connection: Connection, certificates: Certificates, report: Reporter
) -> Connection:
    """End what is left of the `missing` programs, and give new ports to those whose remembered port someone else has taken."""
    changed = connection
    for name in missing:
        if left := Slot(folder, name).stop():
            report.note(f"Ended {left} process{'es' if left > 1 else ''} that an earlier {name} had left.")
        port = port_of(changed, name)
        if not frees_up(port):
            new = free_port(tuple(port_of(changed, other) for other in NAMES))
            report.note(f"Port {port} is taken by another program: {name} moves to {new}.")
            changed = moved(changed, name, new)
    if changed != connection:
        write_connection(folder, changed)
    if changed.blob_url != connection.blob_url and livy.NAME not in missing:
        configure_livy(folder, changed, certificates, report)
    return changed


def _start(folder: Path, names: list[str], connection: Connection, certificates: Certificates, report: Reporter) -> None:
    services = [service_of(name, folder, connection, certificates, report) for name in names]
    slots = [Slot(folder, name) for name in names]
    try:
        with report.task("Start the emulated cloud", len(services), "programs") as task:
            for slot, service in zip(slots, services, strict=True):
                slot.spawn(service)
            for slot, service in zip(slots, services, strict=True):
                slot.wait_ready(service.title, service.port, service.answers, START_SECONDS)
                task.advance()
    except BaseException:
        stop_all(*slots)
        raise


def _stop(folder: Path, report: Reporter) -> None:
    """Livy and its jobs first, so that what they still write finds the storage there; then the storage."""
    jobs, storage = stop_all(Slot(folder, gateway.NAME), Slot(folder, livy.NAME)), Slot(folder, azurite.NAME).stop()
    if jobs + storage:
        report.note(f"The emulated cloud in {folder} is stopped.")


def _check_name(folder: Path) -> None:
    unfit = sorted(set(str(folder)) & set(livy.UNFIT_FOR_JAVA))
    if unfit:
        raise UsageError(
            f"The emulator cannot work in {folder}: Java's paths cannot hold {' '.join(map(repr, unfit))}.",
            suggestion="Choose another folder with --home.",
        )
